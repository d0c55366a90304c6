/**
 * Takes secrets out of what is written down, and out of texts that come from
 * inside or from third parties. What a caller sent never goes through it on the
 * way back to that caller: whoever sees which texts are changed can guess the
 * secrets, uncounted. `withoutKeys` is for those.
 */
export interface Scrubber {
  /** Hides this value from now on, too. Values shorter than eight characters are no secrets. */
  add(secret: string): void;
  /** The text without known secrets and without what has the form of one. */
  text(text: string): string;
}

/** What stands where a secret stood. */
export const scrubbed = '[secret]';

/** A shorter value would also stand in texts by chance. */
const shortest = 8;
/** Own keys of users that were just used; the oldest are forgotten. */
const remembered = 1_000;

/** What has the form of a key, whoever it belongs to: ours, Google's, OpenAI's and those that imitate it, Groq's, xAI's, Hugging Face's, Replicate's. */
const keyPattern =
  /\bhdl_[A-Za-z0-9_-]{43}|\bAIza[A-Za-z0-9_-]{35}|\bsk-[A-Za-z0-9_-]{20,}|\bgsk_[A-Za-z0-9]{40,}|\bxai-[A-Za-z0-9]{40,}|\bhf_[A-Za-z0-9]{30,}|\br8_[A-Za-z0-9]{30,}/g;
const bearerPattern = /\b(Bearer\s+)[A-Za-z0-9._~+/-]{12,}=*/gi;
/** `scheme://user:password@`. */
const userInfoPattern = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']*:[^\s/@"']+@/gi;
/** A field of a query or form that carries a secret by its name. */
const fieldPattern =
  /([?&](?:[a-z0-9_-]*(?:key|token|secret|password|signature|credential)|sig|auth)=)[^\s&"'#<>\\]+/gi;

/** The keys in a text that have the form of one. */
export function findKeys(text: string): readonly string[] {
  return text.match(keyPattern) ?? [];
}

/**
 * The text without what has the form of a key or of a password in an address. It
 * knows no secret of anybody, so its answer tells nothing of one.
 */
export function withoutKeys(text: string): string {
  return text
    .replaceAll(keyPattern, scrubbed)
    .replaceAll(bearerPattern, `$1${scrubbed}`)
    .replaceAll(userInfoPattern, `$1${scrubbed}@`)
    .replaceAll(fieldPattern, `$1${scrubbed}`);
}

/** Hides `secrets` from the start; default none. */
export function createScrubber(secrets: readonly string[] = []): Scrubber {
  /** Each secret in every form in which it may be written. */
  const forms = new Map<string, readonly string[]>();

  function add(secret: string): void {
    if (secret.length < shortest) return;
    forms.delete(secret);
    forms.set(secret, [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])]);
    const [oldest] = forms.keys();
    if (forms.size > remembered && oldest !== undefined) forms.delete(oldest);
  }

  secrets.forEach(add);
  return {
    add,
    text: (text) => {
      let clean = text;
      for (const written of forms.values()) {
        for (const form of written) if (clean.includes(form)) clean = clean.replaceAll(form, scrubbed);
      }
      return withoutKeys(clean);
    },
  };
}
