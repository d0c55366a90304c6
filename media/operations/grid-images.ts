import { z } from 'zod';
import { fontFamilies } from '../../core/node-type/text-fields.ts';
import type { Images, Pixels } from '../image/image-operation.ts';
import { gridLayout, type Placed } from '../image/grid-layout.ts';
import { holdResult } from '../image/result-size.ts';
import { textLayer, type TextLayer } from '../image/text/text-layer.ts';
import { imageOperation } from '../operation.ts';

const color = z.string().regex(/^#[0-9a-f]{6}$/i);

const params = z.object({
  /** Images of our own, none larger than a cell, row by row; an empty label is none. */
  cells: z.array(z.object({ file: z.string(), label: z.string() })).min(1),
  columns: z.number().int().positive(),
  cellWidth: z.number().int().positive(),
  cellHeight: z.number().int().positive(),
  /** Between cells and around them. */
  gap: z.number().int().nonnegative(),
  /** Above all of them; empty: none. */
  title: z.string(),
  /** Pixels of the font of labels; the title has one that is larger by half. */
  textSize: z.number().positive(),
  textColor: color,
  family: z.enum(fontFamilies),
  background: color,
  format: z.enum(['png', 'jpeg', 'webp']),
});
type Request = z.output<typeof params>;

/** Of labels. */
const titleScale = 1.5;

/**
 * Puts images side by side on a sheet, in rows, each with its label below it; `input` is the first of them. A row is as
 * high as its highest label asks. Throws IMAGE_TOO_MANY_PIXELS for a sheet that is too large, and NODE_DATA_INVALID for
 * a label that no font can draw.
 */
export const gridImages = imageOperation({
  name: 'grid images',
  module: import.meta.url,
  params,
  // Hundreds of small files.
  maxCpuMs: 180_000,
  async draw({ output, ...request }, images) {
    const { cells, columns, cellWidth, cellHeight, gap, title } = request;
    const labels: (TextLayer | null)[] = [];
    for (const { label } of cells) labels.push(await wordsOf(label, cellWidth, request, images));
    const across = Math.min(columns, cells.length);
    const heading = await wordsOf(
      title,
      across * cellWidth + (across - 1) * gap,
      { ...request, textSize: request.textSize * titleScale },
      images,
    );
    const layout = gridLayout({
      ...{ columns: across, cellWidth, cellHeight, gap },
      labelHeights: labels.map((label) => label?.height ?? 0),
      titleHeight: heading?.height ?? 0,
    });
    holdResult(layout, images.limits);
    const sheet = createSheet(layout.width, layout.height, request.background);
    for (const [index, { file }] of cells.entries()) {
      const pixels = await rgbOf(file, images);
      const place = layout.cells[index]!;
      sheet.put(pixels, place.left + half(cellWidth - pixels.width), place.top + half(cellHeight - pixels.height));
      const label = labels[index];
      if (label != null) sheet.write(label, { left: place.left, top: place.top + cellHeight + layout.labelGap });
    }
    if (heading !== null) sheet.write(heading, { left: gap, top: gap });
    const { format } = request;
    const pixels = layout.width * layout.height;
    return images.save(images.from(sheet.pixels), output, { format, isLossless: format === 'png', pixels });
  },
});

const half = (room: number) => Math.floor(room / 2);

/** A text that is centered in a width, and as high as it needs. */
async function wordsOf(
  text: string,
  width: number,
  { textSize, textColor, family }: Pick<Request, 'textSize' | 'textColor' | 'family'>,
  images: Images,
): Promise<TextLayer | null> {
  if (text.trim() === '') return null;
  return textLayer(
    {
      ...{ text, family, isBold: false, isItalic: false, size: textSize, sizing: 'fixed', lineSpacing: 1 },
      ...{ align: 'center', place: 'top', color: textColor, outline: 0, outlineColor: textColor },
      ...{ background: 'none', backgroundColor: textColor, padding: 0 },
      box: { left: 0, top: 0, width, height: width },
    },
    images,
  );
}

async function rgbOf(file: string, images: Images): Promise<Pixels> {
  const image = await images.screen(await images.open(file));
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

/** A sheet of paper in RGB. */
function createSheet(width: number, height: number, background: string) {
  const row = Buffer.alloc(width * 3, Buffer.from(background.slice(1), 'hex'));
  const data = Buffer.alloc(height * row.length, row);
  return {
    pixels: { data, width, height, channels: 3 as const },
    put(pixels: Pixels, left: number, top: number): void {
      const length = pixels.width * 3;
      for (let y = 0; y < pixels.height; y += 1) {
        pixels.data.copy(data, ((top + y) * width + left) * 3, y * length, (y + 1) * length);
      }
    },
    /** Ink by its coverage; what of a letter lies beside the sheet is cut off. */
    write(ink: TextLayer, at: Placed): void {
      const [left, top] = [at.left + ink.left, at.top + ink.top];
      for (let y = Math.max(0, -top); y < Math.min(ink.height, height - top); y += 1) {
        for (let x = Math.max(0, -left); x < Math.min(ink.width, width - left); x += 1) {
          const from = (y * ink.width + x) * 4;
          const cover = ink.data[from + 3]! / 255;
          if (cover === 0) continue;
          const to = ((top + y) * width + left + x) * 3;
          for (const channel of [0, 1, 2]) {
            const below = data[to + channel]!;
            data[to + channel] = Math.round(below + (ink.data[from + channel]! - below) * cover);
          }
        }
      }
    },
  };
}
