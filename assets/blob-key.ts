/*
 * content/ab/cd/<sha256>            what was uploaded, downloaded or made
 * derived/ab/cd/<sha256>/<variant>  what can be made again from it, such as thumbnails
 *
 * Two levels of folders keep each at a few hundred entries up to ten million blobs.
 */

/** How the keys of contents begin. */
export const contentPrefix = 'content/';
/** How the keys of what is made from contents begin. */
export const derivedPrefix = 'derived/';

const keyPattern =
  /^(?:content\/[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})|derived\/[0-9a-f]{2}\/[0-9a-f]{2}\/([0-9a-f]{64})\/[a-z0-9-]{1,32}(?:\.[a-z0-9]{1,8})?)$/;

/** The key of a content by its SHA-256 in lower-case hex. */
export function contentKey(sha256: string): string {
  return checkKey(`${contentPrefix}${fanOut(sha256)}`);
}

/** The key of something made from a content, for example variant `w320.webp`. */
export function derivedKey(sha256: string, variant: string): string {
  return checkKey(`${derivedPrefix}${fanOut(sha256)}/${variant}`);
}

/** What the keys of everything made from a content begin with. */
export function derivedPrefixOf(sha256: string): string {
  contentKey(sha256);
  return `${derivedPrefix}${fanOut(sha256)}/`;
}

/** The content that a key belongs to; null for a text that is not a key. */
export function sha256Of(key: string): string | null {
  const [, content, derived] = keyPattern.exec(key) ?? [];
  return content ?? derived ?? null;
}

/** Stops whatever is not a key from becoming a path. Throws a TypeError: only a mistake in the program gets here. */
export function checkKey(key: string): string {
  if (!keyPattern.test(key)) throw new TypeError(`Not a blob key: ${JSON.stringify(key)}`);
  return key;
}

function fanOut(sha256: string): string {
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
