/*
 * Tokens that a chat template puts around turns, and that a server with the wrong template leaves in the text. They are taken
 * out of a whole answer alone, where no text would have them: as channels at its beginning, and at its very end.
 */

/** Before the answer of openai/gpt-oss: its thinking is a channel of its own. */
const channels = /^\s*(?:<\|start\|>assistant)?<\|channel\|>/;
const finalChannel = /<\|channel\|>final[^<]*<\|message\|>/g;

/** One at the end; `</s>` is left, since it ends text in HTML as well. */
const endToken =
  /\s*(?:<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|end|return)\|>|<end_of_turn>|<｜end▁of▁sentence｜>)\s*$/;
/** A template ends a turn once or twice. */
const mostAtEnd = 3;

/** The answer without what its server should have read itself. One that is a token and nothing else is about that token. */
export function withoutSpecialTokens(answer: string): string {
  let text = answer;
  if (channels.test(text)) {
    const last = [...text.matchAll(finalChannel)].at(-1);
    text = last === undefined ? '' : text.slice(last.index + last[0].length);
  }
  for (let taken = 0; taken < mostAtEnd; taken += 1) {
    // Tokens are short, and blanks behind them few: the rest of a long answer need not be looked at.
    const at = Math.max(0, text.length - 200);
    const found = endToken.exec(text.slice(at));
    if (found === null) break;
    const rest = text.slice(0, at + found.index);
    if (rest === '') break;
    text = rest;
  }
  return text;
}
