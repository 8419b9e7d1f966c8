// The time of day, once a second, for everything that shows an age.

let current = $state(Date.now());

setInterval(() => {
  current = Date.now();
}, 1_000);

/** Now, in milliseconds since the Unix epoch; reading it in a component renews the component. */
export function now(): number {
  return current;
}
