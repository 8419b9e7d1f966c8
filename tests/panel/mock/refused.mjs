// A command that the made-up node refuses.

export class Refused extends Error {
  constructor(cause, what, why, next) {
    super(what);
    this.body = { ...cause, what, why, next };
  }
}
