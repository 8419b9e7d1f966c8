// Sealed bids: the amount leaves the browser in an envelope alone, which the node opens in time.

const text = (words: string) => new TextEncoder().encode(words);
const hex = (bytes: ArrayBuffer | Uint8Array<ArrayBuffer>) =>
  Array.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

function unhex(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** The commitment to a bid, as `docs/market.md` says. */
export async function commitment(
  auction: number,
  account: string,
  amount: number,
  nonce: string,
): Promise<string> {
  const lines = `covey sealed bid 1\n${auction}\n${account}\n${amount}\n${nonce}\n`;
  return hex(await crypto.subtle.digest("SHA-256", text(lines)));
}

/** Commits to a bid, and seals what opens it for the node with the public key `key`. */
export async function seal(key: string, auction: number, account: string, amount: number) {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(32)));
  const committed = await commitment(auction, account, amount, nonce);
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const ours = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const theirs = await crypto.subtle.importKey("raw", unhex(key), curve, false, []);
  const agreed = { name: "ECDH", public: theirs };
  const shared = await crypto.subtle.deriveBits(agreed, ours.privateKey, 256);
  const label = text("covey sealed opening 1\n");
  const input = new Uint8Array(label.length + shared.byteLength);
  input.set(label);
  input.set(new Uint8Array(shared), label.length);
  const digest = await crypto.subtle.digest("SHA-256", input);
  const cipher = await crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: unhex(committed) };
  const sealed = await crypto.subtle.encrypt(how, cipher, text(JSON.stringify({ amount, nonce })));
  const ourKey = await crypto.subtle.exportKey("raw", ours.publicKey);
  return {
    commitment: committed,
    opening: { key: hex(ourKey), iv: hex(iv), sealed: hex(sealed) },
  };
}
