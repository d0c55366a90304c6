const lineEnd = /\r\n|\n|\r/;

/**
 * Cuts a text that comes in pieces into lines. A line ends with LF, CR or CRLF,
 * also where CR and LF come in two pieces. Each character is looked at once,
 * however long a line is and however small the pieces are.
 */
export class LineSplitter {
  /** Pieces of a line whose end has not come yet. */
  #pending: string[] = [];
  #pendingLength = 0;
  /** The last piece ended with CR, so an LF at the beginning of the next one ends no line. */
  #afterReturn = false;

  /** Characters of the line that has not ended yet. */
  get pendingLength(): number {
    return this.#pendingLength;
  }

  /** The lines that this piece ends. */
  push(piece: string): string[] {
    const text = this.#afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece;
    if (piece !== '') this.#afterReturn = piece.endsWith('\r');
    const lines = text.split(lineEnd);
    const rest = lines.pop() ?? '';
    if (lines.length > 0) {
      lines[0] = this.#pending.join('') + (lines[0] ?? '');
      this.#pending = [];
      this.#pendingLength = 0;
    }
    if (rest !== '') this.#pending.push(rest);
    this.#pendingLength += rest.length;
    return lines;
  }

  /** What came after the last line end. */
  end(): string {
    return this.#pending.join('');
  }
}
