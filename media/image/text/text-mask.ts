import type { Images } from '../image-operation.ts';
import { fontOf, type Face } from './fonts.ts';
import type { Mask } from './outline.ts';

/*
 * Text as a mask. What draws it (Pango) cuts its picture to the ink, so that a line without a tall letter would sit
 * higher than others. A full block stands in a line of its own above and below the text for that: with its place known
 * the lines are where the font puts them. Paragraphs of one direction are drawn together, as "left" means the beginning
 * of a line there, which is the right in Hebrew and Arabic.
 */

/** How a text is set. */
export interface TextStyle extends Face {
  /** Of the font, in pixels. */
  readonly size: number;
  /** From line to line; 1 is what the font says. */
  readonly lineSpacing: number;
  readonly align: 'left' | 'center' | 'right';
  /** Where lines are broken: between words, or within a word that is longer than a line. */
  readonly wrap: 'word' | 'word-char';
}

/** A drawn text, cut to its ink at the sides and to its lines above and below. */
export interface TextMask extends Mask {
  /** The first column, counted from the left of the box; below zero where a word is wider than the box. */
  readonly left: number;
}

/** Of scripts that are read from right to left. */
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\u{200F}]/u;

/** From left to right by its mark, as high as a line of the font. */
const block = '\u{200E}\u{2588}';

/** Draws a text that is wrapped at `width` pixels. It is taken as it is: markup is not obeyed. */
export async function textMask(text: string, width: number, style: TextStyle, images: Images): Promise<TextMask> {
  const groups = paragraphGroups(text);
  const drawn: TextMask[] = [];
  for (const group of groups) drawn.push(await groupMask(group, width, style, images));
  const left = Math.min(...drawn.map((mask) => mask.left));
  const right = Math.max(...drawn.map((mask) => mask.left + mask.width));
  const whole = new Uint8Array((right - left) * drawn.reduce((sum, { height }) => sum + height, 0));
  let top = 0;
  for (const mask of drawn) {
    for (let y = 0; y < mask.height; y += 1) {
      const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width);
      whole.set(row, (top + y) * (right - left) + mask.left - left);
    }
    top += mask.height;
  }
  return { data: whole, width: right - left, height: top, left };
}

interface ParagraphGroup {
  readonly text: string;
  readonly isRightToLeft: boolean;
}

/** Neighboring paragraphs of one direction; one without letters goes with those before it. */
function paragraphGroups(text: string): ParagraphGroup[] {
  const groups: { lines: string[]; isRightToLeft: boolean }[] = [];
  for (const line of text.split('\n')) {
    const letter = /[\p{L}\u{200E}\u{200F}]/u.exec(line)?.[0];
    const last = groups.at(-1);
    const isRightToLeft = letter === undefined ? (last?.isRightToLeft ?? false) : rightToLeft.test(letter);
    if (last?.isRightToLeft === isRightToLeft) last.lines.push(line);
    else groups.push({ lines: [line], isRightToLeft });
  }
  return groups.map(({ lines, isRightToLeft }) => ({ text: lines.join('\n'), isRightToLeft }));
}

const opposite = { left: 'right', center: 'center', right: 'left' } as const;

async function groupMask(
  { text, isRightToLeft }: ParagraphGroup,
  width: number,
  style: TextStyle,
  images: Images,
): Promise<TextMask> {
  const align = isRightToLeft ? opposite[style.align] : style.align;
  const inFont = (content: string) => draw(content, width, { ...style, align }, images);
  const { one, pitch } = await lineOf({ ...style, align }, width, inFont);
  const whole = await inFont(`${block}\n${escaped(text)}\n${block}`);
  const height = whole.height - one.height - pitch;
  // The block is the only ink in its first row; its last ones may reach into the line below.
  const from = whole.data.subarray(0, whole.width).findIndex((value) => value > 0);
  const origin = { left: from, center: from + one.width / 2 - width / 2, right: from + one.width - width }[align];
  for (let y = pitch; y < one.height; y += 1) {
    whole.data.fill(0, y * whole.width + from, y * whole.width + from + one.width);
  }
  const lines = { data: whole.data.subarray(pitch * whole.width, (pitch + height) * whole.width), width: whole.width };
  const { first, last } = inkedColumns(lines.data, lines.width);
  const data = new Uint8Array((last - first + 1) * height);
  for (let y = 0; y < height; y += 1) {
    data.set(lines.data.subarray(y * lines.width + first, y * lines.width + last + 1), y * (last - first + 1));
  }
  return { data, width: last - first + 1, height, left: Math.round(first - origin) };
}

/** What a line of a font measures, in pixels. */
interface Line {
  /** Of the block. */
  readonly one: { readonly width: number; readonly height: number };
  /** From line to line. */
  readonly pitch: number;
}

/** So many are remembered: texts of one workflow are set in few ways, but one that is to fill its box tries many sizes. */
const mostLines = 200;
const knownLines = new Map<string, Line>();

async function lineOf(
  { family, isBold, isItalic, size, lineSpacing, align }: TextStyle,
  width: number,
  inFont: (content: string) => Promise<Mask>,
): Promise<Line> {
  const key = JSON.stringify([family, isBold, isItalic, size, lineSpacing, align, width]);
  const known = knownLines.get(key);
  if (known !== undefined) return known;
  const one = await inFont(block);
  const two = await inFont(`${block}\n${block}`);
  const line = { one: { width: one.width, height: one.height }, pitch: two.height - one.height };
  if (knownLines.size >= mostLines) knownLines.clear();
  knownLines.set(key, line);
  return line;
}

/** A text without any ink has one column. */
function inkedColumns(data: Uint8Array, width: number): { first: number; last: number } {
  let [first, last] = [width, -1];
  for (let row = 0; row < data.length; row += width) {
    // What lies between the ends that are known already is not looked at.
    for (let x = 0; x < first; x += 1) if (data[row + x] !== 0) first = x;
    for (let x = width - 1; x > last; x -= 1) if (data[row + x] !== 0) last = x;
  }
  return last < 0 ? { first: 0, last: 0 } : { first, last };
}

async function draw(content: string, width: number, style: TextStyle, images: Images): Promise<Mask> {
  const { name, file } = fontOf(style);
  const { data, info } = await images.text({
    text: content,
    font: `${name} ${style.size}`,
    fontfile: file,
    // A point is a pixel.
    dpi: 72,
    width,
    wrap: style.wrap,
    align: style.align,
    spacing: Math.round((style.lineSpacing - 1) * style.size),
  });
  return {
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    width: info.width,
    height: info.height,
  };
}

/** Pango takes every text for markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
