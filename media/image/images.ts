import { rm } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { refuseCostly } from './decode-cost.ts';
import { encodeTo } from './encode.ts';
import { isGifByRows } from './gif-by-rows.ts';
import type { Images } from './image-operation.ts';
import { markAvif } from './formats/avif.ts';
import { hasQuarterChroma } from './formats/jpeg.ts';
import { addPngChunks, profileChunk, withPngChunk } from './formats/png.ts';
import { writeProfile } from './formats/write-icc.ts';
import { openSource, type Source } from './source.ts';
import { storeRows } from './stored-rows.ts';
import type { ImageLimits } from './tasks.ts';
import { withOwnFontSettings } from './text/fonts.ts';
import { toSrgb } from './to-srgb.ts';

/*
 * What decodes images. It is loaded by image processes alone (entry.ts): the
 * decoders are native code that reads untrusted bytes.
 */

// One task at a time with one thread: the pool of processes is the concurrency.
sharp.concurrency(1);
sharp.cache(false);
// Every loader is off but those of the five formats; SVG and TIFF among others have a history of holes.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif',
  ],
});

/** What operations work with in this process. */
export function createImages(limits: ImageLimits): Images {
  return {
    limits,
    async open(input) {
      await refuseCostly(input, limits);
      return openSource(input, limits);
    },
    async shown(source, box) {
      const { data, info } = await (await shown(source, box)).raw().toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height, channels: info.channels };
    },
    async screen(source) {
      const { width, height } = source.info;
      // In its own size, and free to be enlarged: what the library was told about that before would stay.
      return (await shown(source, source.info)).resize(width, height, { fit: 'fill', withoutEnlargement: false });
    },
    from: ({ data, width, height, channels }) => sharp(data, { raw: { width, height, channels } }),
    text: (markup) =>
      withOwnFontSettings(() => sharp({ text: markup }).extractChannel(0).raw().toBuffer({ resolveWithObject: true })),
    rewrite,
    async save(image, output, { format, isLossless, pixels }) {
      const hints = { hasQuarterChroma: false, isLossless, pixels, bits: 8 };
      return encodeTo(output, image, format, hints);
    },
  };
}

type Rewriting = Parameters<Images['rewrite']>[2];

/** What turns a large GIF has all its pixels at once: they come from a file, so that the decoder has let go of its own. */
async function rewrite(source: Source, output: string, how: Rewriting): Promise<void> {
  const { format, width, height } = source.info;
  if (!how.isTurn || format !== 'gif' || !isGifByRows(width * height)) return rewriteAtOnce(source, output, how);
  const stored = `${output}.stored`;
  try {
    const image = source.open();
    if (source.isGrey) image.toColourspace('b-w');
    await storeRows(image, stored);
    const open = () => sharp(stored, { limitInputPixels: false, sequentialRead: true });
    await rewriteAtOnce({ ...source, open }, output, how);
  } finally {
    await rm(stored, { force: true });
  }
}

async function rewriteAtOnce(source: Source, output: string, { change, pixels }: Rewriting): Promise<void> {
  const { input, info, metadata, marks, isDeep, isGrey } = source;
  // CMYK comes out as sRGB: there is no use for its profile then.
  const isCmyk = metadata.space === 'cmyk';
  const image =
    source.color.kind === 'inks'
      ? await withoutInks(change(source.open({ raw: true }).autoOrient()))
      : change(source.open({ raw: !isCmyk }).autoOrient());
  if (!isCmyk) image.keepIccProfile();
  // Without this 16 bits a channel would come out as 8, and a grey profile on three channels.
  const staysGrey = isGrey && !(source.color.kind === 'profile' && source.color.forGrey !== undefined);
  if (isDeep) image.toColourspace(staysGrey ? 'grey16' : 'rgb16');
  else if (staysGrey) image.toColourspace('b-w');
  await encodeTo(output, image, info.format, {
    hasQuarterChroma: info.format === 'jpeg' && (await hasQuarterChroma(input)),
    isLossless: source.isLossless,
    pixels,
    bits: metadata.bitsPerSample ?? 8,
  });
  const profile = source.color.kind === 'space' ? writeProfile(source.color.space, staysGrey) : null;
  const chunks = profile === null || metadata.icc !== undefined ? marks.png : [...marks.png, profileChunk(profile)];
  if (info.format === 'png' && chunks.length > 0) await addPngChunks(output, chunks);
  if (info.format === 'avif' && marks.avif !== null) await markAvif(output, marks.avif, profile);
}

/** The upright image within `box` as a browser shows it: 8 bits a channel, sRGB. */
async function shown(source: Source, box: { width: number; height: number }): Promise<Sharp> {
  const { color, isDeep, isGrey, info } = source;
  const image = source
    .open({ raw: color.kind !== 'profile' })
    .autoOrient()
    .resize(box.width, box.height, { fit: 'inside', withoutEnlargement: true });
  // Of 16 bits in a PNG a browser takes the upper eight, before all else.
  const isCut = isDeep && info.format === 'png';
  if (color.kind === 'srgb') return image;
  if (color.kind === 'inks') return withoutInks(image);
  if (color.kind === 'profile') {
    if (color.forGrey !== undefined) {
      return sharp(withPngChunk(await inEightBits(source, box, false), profileChunk(color.forGrey)));
    }
    if (!isDeep) return image;
    // The library works on 16 bits in Display P3 and would write its numbers down as if they were sRGB.
    if (!isCut) return image.withIccProfile('srgb', { attach: false });
    return sharp(await inEightBits(source, box, isGrey));
  }
  const { data, info: size } = await image
    .toColourspace(isDeep && !isCut ? 'rgb16' : 'srgb')
    .raw({ depth: isDeep && !isCut ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const numbers = isDeep && !isCut ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  const pixels = toSrgb({ data: numbers, channels: size.channels }, color.space, color.peak);
  return sharp(pixels, { raw: { width: size.width, height: size.height, channels: size.channels } });
}

/** CMYK of a pipeline as RGB, as browsers take it that have no profile: each ink takes away its share of the light. */
async function withoutInks(image: Sharp): Promise<Sharp> {
  const { data, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = Buffer.alloc(info.width * info.height * 3);
  for (let from = 0, to = 0; to < pixels.length; from += info.channels, to += 3) {
    const rest = 255 - (data[from + 3] ?? 0);
    for (let ink = 0; ink < 3; ink += 1) pixels[to + ink] = Math.round(((255 - (data[from + ink] ?? 0)) * rest) / 255);
  }
  return sharp(pixels, { raw: { width: info.width, height: info.height, channels: 3 } });
}

/** The stored numbers cut to eight bits, with the profile that the decoder uses for as many channels. */
function inEightBits(source: Source, box: { width: number; height: number }, isGrey: boolean): Promise<Buffer> {
  const image = source
    .open({ raw: true })
    .autoOrient()
    .resize(box.width, box.height, { fit: 'inside', withoutEnlargement: true });
  if (isGrey === source.isGrey) image.keepIccProfile();
  return image
    .toColourspace(isGrey ? 'b-w' : 'srgb')
    .png({ compressionLevel: 0 })
    .toBuffer();
}
