// Names of kinds, protocols and options, as words for people.

/** `contract_net` as `contract net`. */
export function spaced(name: string): string {
  return name.replaceAll("_", " ");
}

/** `first_price` as `First price`. */
export function titled(name: string): string {
  const words = spaced(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
