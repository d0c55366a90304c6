/** A short id that is unique among the nodes and edges of anybody's graphs: 96 random bits. Works on plain http too. */
export function createId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
