/** A part of a streamed text and where in it the part begins. */
export interface TextPiece {
  readonly offset: number;
  readonly text: string;
}

/**
 * The pieces of a stream with one more. Pieces come again and in any order,
 * as when somebody begins to watch in the middle and is told the beginning
 * later; those that touch or overlap become one.
 */
export function addPiece(pieces: readonly TextPiece[], added: TextPiece): readonly TextPiece[] {
  const before = pieces.filter((piece) => endOf(piece) < added.offset);
  const after = pieces.filter((piece) => piece.offset > endOf(added));
  const touching = pieces.slice(before.length, pieces.length - after.length);
  return [...before, [...touching, added].toSorted((a, b) => a.offset - b.offset).reduce(join), ...after];
}

/** The text as far as it is known; an ellipsis stands where some is missing. */
export function textOfPieces(pieces: readonly TextPiece[]): string {
  const isWhole = pieces.length === 0 || pieces[0]?.offset === 0;
  return (isWhole ? '' : '… ') + pieces.map(({ text }) => text).join(' … ');
}

function endOf({ offset, text }: TextPiece): number {
  return offset + text.length;
}

/** Two pieces as one; `second` begins within `first` or right behind it. */
function join(first: TextPiece, second: TextPiece): TextPiece {
  return { offset: first.offset, text: first.text + second.text.slice(endOf(first) - second.offset) };
}
