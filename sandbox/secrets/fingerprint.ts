/**
 * What is known of a secret where the secret itself may not be: enough to find it in a text, too little to tell it.
 *
 * A fingerprint is two rolling hashes under random bases. Whoever looks for secrets is given fingerprints; the value
 * stays with the one actor that uses it.
 *
 * @module
 */

/** Secrets shorter than this are not looked for: ordinary text would be taken for them. */
export const MIN_SECRET = 8;

/** One form of one secret. Plain data. */
export interface Fingerprint {
  /** What stands for it in texts. */
  readonly name: string;
  /** Characters. */
  readonly length: number;
  /** Its hashes under `bases`. */
  readonly hashes: readonly [number, number];
  /** Odd numbers of 32 bits, the same for all that are looked for together. */
  readonly bases: Bases;
}

/** See {@linkcode Fingerprint}. */
export type Bases = readonly [number, number];

/** Bases nobody can know before. */
export function randomBases(): Bases {
  const [one = 0, other = 0] = crypto.getRandomValues(new Int32Array(2));
  return [one | 1, other | 1];
}

/**
 * The fingerprints of a secret: as it is, and as it looks within a URL, within JSON and within base64, wherever in the
 * encoded bytes it lies. None of a secret shorter than {@linkcode MIN_SECRET}.
 */
export function fingerprints(name: string, value: string, bases: Bases): Fingerprint[] {
  if (value.length < MIN_SECRET) return [];
  const forms = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), ...base64Forms(value)];
  return [...new Set(forms)].filter(({ length }) => length >= MIN_SECRET).map((form) => ({
    name,
    length: form.length,
    hashes: [hash(form, bases[0]), hash(form, bases[1])],
    bases,
  }));
}

function hash(text: string, base: number): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum, base) + text.charCodeAt(at) | 0;
  return sum;
}

/** The characters that depend on the value alone, for each of the three ways it can lie in groups of three bytes. */
function base64Forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].flatMap((before) => {
    const whole = new Uint8Array(before + bytes.length);
    whole.set(bytes, before);
    const first = Math.ceil(before * 8 / 6);
    const form = whole.toBase64().slice(first, Math.floor(whole.length * 8 / 6));
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}
