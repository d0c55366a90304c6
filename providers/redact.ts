/** How much of a provider's explanation is kept: enough for two sentences. */
const maxLength = 300;
/** What is searched for private text: a little more than is kept, so that a huge error body costs no time. */
const searchedLength = 400;
/** A stretch of the request this long is no coincidence. */
const privateStretch = 16;
/** Keys are random, so a far shorter stretch of one already tells. */
const secretStretch = 6;

interface PrivateTexts {
  /** API keys. */
  readonly secrets: readonly string[];
  /** Prompts. Images need no mention: long base64 is always taken out. */
  readonly contents: readonly string[];
  /** What else the caller chose and may see again, such as the model. */
  readonly choices?: readonly string[];
}

/**
 * Makes a provider's own explanation fit to be shown and stored: stretches of
 * keys and of the request's contents, keys of which the provider shows only the
 * ends, addresses, control characters and halves of surrogate pairs are taken
 * out, and it is cut to 300 characters. Null where nothing is left.
 */
export function redactExplanation(text: string, hidden: PrivateTexts): string | null {
  let clean = text.slice(0, searchedLength).replaceAll(/[\s\p{Cc}]+/gu, ' ');
  clean = hide(clean, hidden.secrets, secretStretch, [...hidden.contents, ...(hidden.choices ?? [])]);
  clean = hide(clean, hidden.contents, privateStretch, []);
  clean = clean
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '…')
    .replaceAll(/[A-Za-z0-9+/_-]{40,}={0,2}/g, '…')
    .replaceAll(/[\w-]*(?:\*{3,}|•{3,}|x{6,})[\w*•-]*/gi, '…')
    // Halves of pairs: sent so, or left over where one half was taken out or cut off.
    .replaceAll(/\p{Surrogate}/gu, '');
  clean = clean.replaceAll(/…(?:\s*…)+/g, '…').trim();
  if (clean.length > maxLength) {
    clean = `${clean
      .slice(0, maxLength)
      .replace(/\p{Surrogate}$/u, '')
      .trimEnd()}…`;
  }
  return /[\p{L}\p{N}]/u.test(clean) ? clean : null;
}

/**
 * Replaces every stretch of `text` of at least `stretch` characters that also stands in one of `sources` by `…`, unless
 * the caller sent that very stretch: words that come back changed or not would let them guess a key piece by piece.
 */
function hide(text: string, sources: readonly string[], stretch: number, sent: readonly string[]): string {
  const [normalized, known] = [sources.map(normalize), sent.map(normalize)];
  let shown = '';
  let at = 0;
  while (at < text.length) {
    const end = endOfStretch(text, at, normalized, stretch);
    const found = text.slice(at, end);
    if (end === at) shown += text.charAt(at);
    else shown += known.some((own) => own.includes(found)) ? found : '…';
    at = end === at ? at + 1 : end;
  }
  return shown;
}

function normalize(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ');
}

function endOfStretch(text: string, at: number, sources: readonly string[], stretch: number): number {
  const window = text.slice(at, at + stretch);
  if (window.length < stretch) return at;
  let longest = at;
  for (const source of sources) {
    if (!source.includes(window)) continue;
    let end = at + stretch;
    while (end < text.length && source.includes(text.slice(at, end + 1))) end += 1;
    longest = Math.max(longest, end);
  }
  return longest;
}
