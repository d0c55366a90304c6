/** Characters that the column takes. */
const maxNameLength = 255;

/**
 * A file's name as it may be shown: the last part of a path, without control
 * characters and broken surrogates, of bounded length. It is never used as a path.
 */
export function displayName(name: string, fallback: string): string {
  const lastPart = name.split(/[/\\]/).at(-1) ?? '';
  const clean = lastPart.replaceAll(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return Array.from(clean === '' || /^\.+$/.test(clean) ? fallback : clean)
    .slice(0, maxNameLength)
    .join('');
}

/** The name that an address suggests for what it serves. */
export function nameFromUrl(address: string): string {
  const { pathname, hostname } = new URL(address);
  const lastPart = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(lastPart) || hostname;
  } catch {
    return lastPart;
  }
}

/** Adds the extension where the name ends in another one or none. */
export function withExtension(name: string, extension: string): string {
  return name.toLowerCase().endsWith(`.${extension}`) ? name : `${name}.${extension}`;
}
