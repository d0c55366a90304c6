import { Buffer } from 'node:buffer';
import { TerminalError } from '../core/errors/app-error.ts';

interface AnswerTextOptions {
  /** For messages: who answers. */
  readonly title: string;
  readonly maxBytes: number;
  readonly onDelta: (text: string) => void;
}

/**
 * Collects a streamed answer and passes each piece on. What Postgres cannot
 * store is mended on the way: NUL is dropped, half of a surrogate pair waits
 * for its other half or becomes U+FFFD. The pieces passed on add up to `text`.
 */
export class AnswerText {
  readonly #options: AnswerTextOptions;
  readonly #pieces: string[] = [];
  #bytes = 0;
  #length = 0;
  /** A high surrogate at the end of the last piece. */
  #half = '';

  constructor(options: AnswerTextOptions) {
    this.#options = options;
  }

  /** Characters so far. */
  get length(): number {
    return this.#length + this.#half.length;
  }

  /** Throws NODE_OUTPUT_TOO_LARGE as soon as the answer is longer than `maxBytes`. */
  add(piece: string): void {
    const joined = this.#half + piece.replaceAll('\0', '');
    const endsInHalf = /[\uD800-\uDBFF]$/.test(joined);
    this.#half = endsInHalf ? joined.slice(-1) : '';
    this.#pass(endsInHalf ? joined.slice(0, -1) : joined);
  }

  /** The whole text; call once, when nothing more comes. */
  finish(): string {
    const half = this.#half;
    this.#half = '';
    this.#pass(half);
    return this.#pieces.join('');
  }

  #pass(text: string): void {
    if (text === '') return;
    const wellFormed = text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
    this.#bytes += Buffer.byteLength(wellFormed);
    if (this.#bytes > this.#options.maxBytes) {
      const kilobytes = Math.round(this.#options.maxBytes / 1024);
      throw new TerminalError(
        'NODE_OUTPUT_TOO_LARGE',
        `${this.#options.title} sent a response longer than the ${kilobytes} KB that can be kept, so it was stopped. ` +
          'Ask for a shorter answer, or set "Max output tokens" (maxOutputTokens).',
        { details: { maxBytes: this.#options.maxBytes } },
      );
    }
    this.#pieces.push(wellFormed);
    this.#length += wellFormed.length;
    this.#options.onDelta(wellFormed);
  }
}
