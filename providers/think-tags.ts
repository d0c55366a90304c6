const opening = '<think>';
const closing = '</think>';
/** As models write them whose server does not read them: most, Mistral's, Kimi's, ByteDance's. */
const tags: readonly (readonly [string, string])[] = [
  [opening, closing],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
  ['<seed:think>', '</seed:think>'],
];

/**
 * Takes the thinking out of an answer whose server left it in the text: a block
 * `<think>…</think>`, or one with other tags, at the very beginning, and the blanks after it. Tags
 * anywhere else are part of the answer.
 */
export class ThinkTags {
  #state: 'beginning' | 'thinking' | 'after' | 'answer' = 'beginning';
  /** What cannot be judged yet: the beginning of the text, or the beginning of a tag. */
  #held = '';
  /** What ends the block that was begun. */
  #closing = closing;

  /** The part of the answer that this piece adds. */
  push(piece: string): string {
    if (this.#state === 'answer') return piece;
    this.#held += piece;
    if (this.#state === 'beginning') {
      const text = this.#held.trimStart();
      const begun = tags.find(([begins]) => text.startsWith(begins));
      if (begun === undefined && tags.some(([begins]) => begins.startsWith(text))) return '';
      if (begun === undefined) return this.#release(this.#held);
      this.#state = 'thinking';
      this.#closing = begun[1];
      this.#held = text.slice(begun[0].length);
    }
    if (this.#state === 'thinking') {
      const end = this.#held.indexOf(this.#closing);
      if (end < 0) {
        this.#held = this.#held.slice(1 - this.#closing.length);
        return '';
      }
      this.#state = 'after';
      this.#held = this.#held.slice(end + this.#closing.length);
    }
    this.#held = this.#held.trimStart();
    return this.#held === '' ? '' : this.#release(this.#held);
  }

  /** What is left when nothing more comes. */
  end(): string {
    return this.#state === 'beginning' ? this.#release(this.#held) : '';
  }

  #release(text: string): string {
    this.#state = 'answer';
    this.#held = '';
    return text;
  }
}

/**
 * The answer behind a `</think>` that nothing opened: chat templates that put
 * the opening tag into the prompt leave it out of the answer. Only where the
 * line ends after the tag and something follows; else the text is the answer.
 */
export function withoutUnopenedThinking(text: string): string {
  const end = text.indexOf(closing);
  if (end < 0) return text;
  const before = text.slice(0, end);
  const rest = text.slice(end + closing.length);
  const isInCode = before.split('```').length % 2 === 0;
  if (before.includes(opening) || isInCode || !/^[^\S\r\n]*[\r\n]/.test(rest)) return text;
  return rest.trim() === '' ? text : rest.trimStart();
}
