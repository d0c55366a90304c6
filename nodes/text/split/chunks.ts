/** How long parts of a text are, in characters. */
export interface ChunkSize {
  readonly length: number;
  /** How much of a part the next one repeats, less than `length`. */
  readonly overlap: number;
}

/**
 * Parts of at most so many characters (code points, so that none is cut in two). A part ends between two words where the
 * second half of it has such a place, and an overlap begins with a whole word where it has one.
 */
export function chunksOf(text: string, { length, overlap }: ChunkSize): string[] {
  const characters = Array.from(text);
  const chunks: string[] = [];
  let from = 0;
  while (from < characters.length) {
    const end = from + length >= characters.length ? characters.length : endOf(characters, from, length);
    chunks.push(characters.slice(from, end).join(''));
    if (end === characters.length) break;
    from = startOf(characters, Math.max(from + 1, end - overlap), end);
  }
  return chunks;
}

/** Behind the last blank in the second half of a part; the full length where there is none. */
function endOf(characters: readonly string[], from: number, length: number): number {
  const most = from + length;
  if (isBlank(characters[most])) return most;
  for (let end = most; end > from + length / 2; end -= 1) if (isBlank(characters[end - 1])) return end;
  return most;
}

/** The first place at or after `from` where a word begins, before `end`; `from` where there is none. */
function startOf(characters: readonly string[], from: number, end: number): number {
  for (let start = from; start < end; start += 1)
    if (isBlank(characters[start - 1]) && !isBlank(characters[start])) return start;
  return from;
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && character.trim() === '';
}
