/** In a text of 12 pixels, with a little to spare: lines break between words. In pixels. */
const letterWidth = 6.6;
const wideWidth = 12.5;
/** From here on letters are as wide as they are high: Hangul, Kana, Han. */
const wideFrom = 0x1100;

/** About how many lines of `width` pixels a small text takes, 1 to `most`. Looks at no more of it than that takes. */
export function linesOf(text: string, { width, most }: { width: number; most: number }): number {
  let lines = 1;
  let x = 0;
  for (let index = 0; index < text.length && lines < most; index += 1) {
    const code = text.charCodeAt(index);
    const step = code >= wideFrom ? wideWidth : letterWidth;
    const isBreak = code === 0x0a;
    if (isBreak || x + step > width) {
      lines += 1;
      x = 0;
    }
    if (!isBreak) x += step;
  }
  return lines;
}
