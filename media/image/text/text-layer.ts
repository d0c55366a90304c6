import { TerminalError } from '../../../core/errors/app-error.ts';
import type { Images, Pixels } from '../image-operation.ts';
import type { Face } from './fonts.ts';
import { refuseMissingGlyphs } from './missing-glyphs.ts';
import { outlined, type Mask } from './outline.ts';
import { textMask, type TextMask, type TextStyle } from './text-mask.ts';

/** A text, and how it lies in its box. Colors are `#rrggbb` or `#rrggbbaa`; sizes are in pixels. */
export interface TextRequest extends Face {
  readonly text: string;
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly size: number;
  /** `fixed` may leave the box, `shrink` gets smaller until it does not, `fill` is as large as fits. */
  readonly sizing: 'fixed' | 'shrink' | 'fill';
  readonly lineSpacing: number;
  readonly align: 'left' | 'center' | 'right';
  readonly place: 'top' | 'middle' | 'bottom';
  readonly color: string;
  /** Around each letter, as a share of the font size; 0: none. */
  readonly outline: number;
  readonly outlineColor: string;
  /** Below the text: none, as large as the text, or as large as the box. */
  readonly background: 'none' | 'text' | 'box';
  readonly backgroundColor: string;
  /** Between the text and the edge of its background, as a share of the font size. */
  readonly padding: number;
}

/** Pixels that are laid on a picture, in RGBA; the place may be below zero. */
export interface TextLayer extends Pixels {
  readonly left: number;
  readonly top: number;
  /** What came of `sizing`. */
  readonly size: number;
}

/** Nobody reads less. */
const leastSize = 6;

/** What a text may cover while it is drawn: a letter is about as wide as half its size, so this is plenty. */
const maxArea = 120_000_000;

/** Draws a text with all that belongs to it. Throws NODE_DATA_INVALID where it does not fit or cannot be drawn. */
export async function textLayer(request: TextRequest, images: Images): Promise<TextLayer> {
  const text = plainText(request.text);
  refuseMissingGlyphs(text, request);
  const { size, mask, edge } = await fitted(text, request, images);
  const { box } = request;
  const room = box.height - mask.height;
  const inside = { top: edge, middle: Math.round(room / 2), bottom: Math.round(room) - edge }[request.place];
  return compose(request, {
    size,
    edge,
    mask,
    left: Math.round(box.left) + edge + mask.left,
    top: Math.round(box.top) + inside,
  });
}

/** Whole characters, and none of control but the end of a line; Unicode's own ends of lines count as one. */
function plainText(text: string): string {
  return Buffer.from(text)
    .toString()
    .replaceAll(/\r\n?|[\u2028\u2029\v\f]/g, '\n')
    .replaceAll('\t', '    ')
    .replaceAll(/[^\n\P{Cc}]/gu, '');
}

interface Fitted {
  readonly size: number;
  readonly mask: TextMask;
  /** How far outline and background reach beyond the text. */
  readonly edge: number;
}

async function fitted(text: string, request: TextRequest, images: Images): Promise<Fitted> {
  const { box, sizing } = request;
  const at = async (size: number, wrap: TextStyle['wrap']): Promise<Fitted | null> => {
    const edge = Math.ceil(request.outline * size + (request.background === 'none' ? 0 : request.padding * size));
    const width = Math.max(1, Math.round(box.width) - 2 * edge);
    if (areaOf(text, size, width) > maxArea) return null;
    const style: TextStyle = { ...request, size, wrap };
    return { size, edge, mask: await textMask(text, width, style, images) };
  };
  const fits = (found: Fitted) =>
    found.mask.width + 2 * found.edge <= box.width && found.mask.height + 2 * found.edge <= box.height;
  const asked = Math.max(1, Math.round(request.size));
  if (sizing === 'fixed') {
    const found = await at(asked, 'word-char');
    if (found !== null) return found;
    throw invalid('The text is too long for its size. Choose a smaller size, or a shorter text.');
  }
  // Words are broken only where the text does not fit otherwise.
  for (const wrap of ['word', 'word-char'] as const) {
    let best = sizing === 'shrink' ? await at(asked, wrap) : null;
    if (best !== null && fits(best)) return best;
    best = null;
    for (let [low, high] = [leastSize, sizing === 'fill' ? Math.floor(box.height) : asked - 1]; low <= high;) {
      const size: number = (low + high + 1) >> 1;
      const found = await at(size, wrap);
      if (found !== null && fits(found)) {
        best = found;
        low = size + 1;
      } else high = size - 1;
    }
    if (best !== null) return best;
  }
  throw invalid(
    `The text does not fit into a box of ${Math.round(box.width)} × ${Math.round(box.height)} pixels, even with ${leastSize} pixels a letter. Make the box larger, or the text shorter.`,
  );
}

/** At least as many pixels as the text takes. */
function areaOf(text: string, size: number, width: number): number {
  const lines = text.split('\n');
  const rows = lines.reduce((sum, line) => sum + Math.ceil((line.length * size) / Math.max(width, size)) + 1, 2);
  return rows * size * 2 * Math.max(width, size);
}

function invalid(message: string): TerminalError {
  return new TerminalError('NODE_DATA_INVALID', message, { details: { field: 'text' } });
}

interface Placed extends Fitted {
  readonly left: number;
  readonly top: number;
}

/** Background, outline and letters, one over the other. */
function compose(request: TextRequest, { size, edge, mask, left, top }: Placed): TextLayer {
  const { box } = request;
  const inner = { left: left - edge, top: top - edge, width: mask.width + 2 * edge, height: mask.height + 2 * edge };
  const isBox = request.background === 'box';
  const area = isBox
    ? {
        left: Math.min(inner.left, Math.round(box.left)),
        top: Math.min(inner.top, Math.round(box.top)),
        right: Math.max(inner.left + inner.width, Math.round(box.left + box.width)),
        bottom: Math.max(inner.top + inner.height, Math.round(box.top + box.height)),
      }
    : { left: inner.left, top: inner.top, right: inner.left + inner.width, bottom: inner.top + inner.height };
  const canvas = createCanvas(area.right - area.left, area.bottom - area.top);
  if (request.background === 'text') canvas.fill(inner, area, request.backgroundColor);
  if (isBox) canvas.fill(roundedBox(box), area, request.backgroundColor);
  if (request.outline > 0) {
    const around = outlined(mask, request.outline * size);
    canvas.lay(around, left - around.margin - area.left, top - around.margin - area.top, request.outlineColor);
  }
  canvas.lay(mask, left - area.left, top - area.top, request.color);
  return { ...canvas.pixels, left: area.left, top: area.top, size };
}

function roundedBox({ left, top, width, height }: TextRequest['box']): TextRequest['box'] {
  const [x, y] = [Math.round(left), Math.round(top)];
  return { left: x, top: y, width: Math.round(left + width) - x, height: Math.round(top + height) - y };
}

function createCanvas(width: number, height: number) {
  const data = Buffer.alloc(width * height * 4);
  /** Lays a color with a coverage over what is there (Porter and Duff 1984), not premultiplied. */
  const over = (at: number, { red, green, blue, alpha }: Rgba, cover: number) => {
    const added = (alpha * cover) / 255;
    if (data[at + 3] === 0) {
      // Most letters lie on nothing.
      if (added === 0) return;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
      data[at + 3] = Math.round(added * 255);
      return;
    }
    const below = (data[at + 3]! / 255) * (1 - added);
    const whole = added + below;
    if (whole === 0) return;
    const mix = (value: number, old: number) => Math.round((value * added + old * below) / whole);
    data[at] = mix(red, data[at]!);
    data[at + 1] = mix(green, data[at + 1]!);
    data[at + 2] = mix(blue, data[at + 2]!);
    data[at + 3] = Math.round(whole * 255);
  };
  return {
    pixels: { data, width, height, channels: 4 as const },
    /** A rectangle in the coordinates of `area`'s picture. */
    fill(rectangle: TextRequest['box'], area: { left: number; top: number }, color: string): void {
      const rgba = rgbaOf(color);
      for (
        let y = Math.max(0, rectangle.top - area.top);
        y < Math.min(height, rectangle.top - area.top + rectangle.height);
        y += 1
      ) {
        for (
          let x = Math.max(0, rectangle.left - area.left);
          x < Math.min(width, rectangle.left - area.left + rectangle.width);
          x += 1
        )
          over((y * width + x) * 4, rgba, 255);
      }
    },
    lay(mask: Mask, left: number, top: number, color: string): void {
      const rgba = rgbaOf(color);
      const [fromX, toX] = [Math.max(0, -left), Math.min(mask.width, width - left)];
      for (let y = Math.max(0, -top); y < Math.min(mask.height, height - top); y += 1) {
        const [row, line] = [y * mask.width, (y + top) * width + left];
        for (let x = fromX; x < toX; x += 1) {
          const cover = mask.data[row + x]!;
          if (cover !== 0) over((line + x) * 4, rgba, cover);
        }
      }
    },
  };
}

interface Rgba {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly alpha: number;
}

/** Of `#rrggbb` or `#rrggbbaa`; alpha from 0 to 1. */
function rgbaOf(color: string): Rgba {
  const channel = (at: number) => Number.parseInt(color.slice(at, at + 2), 16);
  return { red: channel(1), green: channel(3), blue: channel(5), alpha: color.length > 7 ? channel(7) / 255 : 1 };
}
