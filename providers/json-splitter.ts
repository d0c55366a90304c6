/**
 * Cuts a text that comes in pieces into the JSON objects it is made of: one
 * object, objects one after the other (a line each or not), or the elements of
 * one list. Each is given as soon as its last brace is there. Anything between
 * them is skipped. Each character is looked at once.
 */
export class JsonSplitter {
  #pieces: string[] = [];
  #pendingLength = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;

  /** Characters of the object that has not ended yet. */
  get pendingLength(): number {
    return this.#pendingLength;
  }

  /** The objects that this piece completes. */
  push(piece: string): string[] {
    const whole: string[] = [];
    let start = this.#depth === 0 ? -1 : 0;
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece.charCodeAt(at);
      if (this.#isInText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (character === backslash) this.#isEscaped = true;
        else if (character === quote) this.#isInText = false;
      } else if (character === openBrace) {
        if (this.#depth === 0) start = at;
        this.#depth += 1;
      } else if (this.#depth > 0 && character === quote) {
        this.#isInText = true;
      } else if (this.#depth > 0 && character === closeBrace) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        whole.push(this.#pieces.join('') + piece.slice(start, at + 1));
        this.#pieces = [];
        this.#pendingLength = 0;
        start = -1;
      }
    }
    if (start >= 0) {
      this.#pieces.push(piece.slice(start));
      this.#pendingLength += piece.length - start;
    }
    return whole;
  }
}

const backslash = 0x5c;
const quote = 0x22;
const openBrace = 0x7b;
const closeBrace = 0x7d;
