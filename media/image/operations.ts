import { writeFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { TerminalError } from '../../core/errors/app-error.ts';
import { cropRegion } from './crop-region.ts';
import { encode } from './encode.ts';
import { markAvif } from './formats/avif.ts';
import { hasQuarterChroma } from './formats/jpeg.ts';
import { addPngChunks, profileChunk, withPngChunk } from './formats/png.ts';
import { writeProfile } from './formats/write-icc.ts';
import { openSource, type Source } from './source.ts';
import type { ImageInfo, ImageLimits, ImageResults, ImageTask } from './tasks.ts';
import { toSrgb } from './to-srgb.ts';

/*
 * The only module that decodes pictures. It is loaded by image processes alone
 * (entry.ts): the decoders are native code that reads untrusted bytes.
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

/** Side of the picture that a whole decode is reduced to: small, as nobody looks at it. */
const decodeCheckSide = 32;

/** Quality of thumbnails: flat colors stay within two steps of 255, for some 10 kB each. */
const thumbnailQuality = 90;

/** A thumbnail without loss may take so much, or so much a pixel: about what a lossy one takes. */
const maxExactBytes = 48 * 1_024;
const exactBytesPerPixel = 0.5;

/** Of more pixels it is not tried: the time is that of ten lossy ones. */
const maxExactPixels = 640 * 960;

/** Of a picture with so few pixels every one counts: it is encoded without loss where it can be. */
const iconPixels = 128 * 128;

/** JPEG qualities that are tried before the picture is made smaller. */
const fitQualities = [90, 80, 70];

/** Before them, of an icon. */
const bestQuality = 100;

/** How much shorter the sides get at each step when quality alone does not help: about half the pixels. */
const fitShrink = 0.7;

/** Below this a picture says nothing any more; a limit that asks for less is refused. */
const minFitSide = 16;

export async function runImageTask(task: ImageTask, limits: ImageLimits): Promise<ImageResults[keyof ImageResults]> {
  switch (task.kind) {
    case 'probe':
      return probe(task.input, task.decode, limits);
    case 'crop':
      return crop(task.input, task.output, task.box, limits);
    case 'fit':
      return fit(task.input, task.output, task, limits);
    case 'thumbnail':
      return thumbnail(task.input, task.output, task.width, limits);
  }
}

async function probe(input: string, decode: boolean, limits: ImageLimits): Promise<ImageInfo> {
  const source = await openSource(input, limits);
  if (decode) {
    await source.open().resize(decodeCheckSide, decodeCheckSide, { fit: 'inside' }).raw().toBuffer();
  }
  return source.info;
}

/** A part of the stored numbers, with all that says how they are meant. */
async function crop(
  input: string,
  output: string,
  box: Parameters<typeof cropRegion>[0],
  limits: ImageLimits,
): Promise<ImageResults['crop']> {
  const source = await openSource(input, limits);
  const { info, metadata, marks, isDeep, isGrey } = source;
  const region = cropRegion(box, info);
  // CMYK comes out as sRGB: there is no use for its profile then.
  const isCmyk = metadata.space === 'cmyk';
  const picture =
    source.color.kind === 'inks'
      ? await withoutInks(source.open({ raw: true }).autoOrient().extract(region))
      : source.open({ raw: !isCmyk }).autoOrient().extract(region);
  if (!isCmyk) picture.keepIccProfile();
  // Without this 16 bits a channel would come out as 8, and a grey profile on three channels.
  const staysGrey = isGrey && !(source.color.kind === 'profile' && source.color.forGrey !== undefined);
  if (isDeep) picture.toColourspace(staysGrey ? 'grey16' : 'rgb16');
  else if (staysGrey) picture.toColourspace('b-w');
  const written = encode(picture, info.format, {
    hasQuarterChroma: info.format === 'jpeg' && (await hasQuarterChroma(input)),
    isLossless: source.isLossless || region.width * region.height <= iconPixels,
    bits: metadata.bitsPerSample ?? 8,
  });
  await written.toFile(output);
  const profile = source.color.kind === 'space' ? writeProfile(source.color.space, staysGrey) : null;
  const chunks = profile === null || metadata.icc !== undefined ? marks.png : [...marks.png, profileChunk(profile)];
  if (info.format === 'png' && chunks.length > 0) await addPngChunks(output, chunks);
  if (info.format === 'avif' && marks.avif !== null) await markAvif(output, marks.avif, profile);
  return { width: region.width, height: region.height };
}

/** The upright picture within `box` as a browser shows it: 8 bits a channel, sRGB. */
async function shown(source: Source, box: { width: number; height: number }): Promise<Sharp> {
  const { color, isDeep, isGrey, info } = source;
  const picture = source
    .open({ raw: color.kind !== 'profile' })
    .autoOrient()
    .resize(box.width, box.height, { fit: 'inside', withoutEnlargement: true });
  // Of 16 bits in a PNG a browser takes the upper eight, before all else.
  const isCut = isDeep && info.format === 'png';
  if (color.kind === 'srgb') return picture;
  if (color.kind === 'inks') return withoutInks(picture);
  if (color.kind === 'profile') {
    if (color.forGrey !== undefined) {
      return sharp(withPngChunk(await inEightBits(source, box, false), profileChunk(color.forGrey)));
    }
    if (!isDeep) return picture;
    // The library works on 16 bits in Display P3 and would write its numbers down as if they were sRGB.
    if (!isCut) return picture.withIccProfile('srgb', { attach: false });
    return sharp(await inEightBits(source, box, isGrey));
  }
  const { data, info: size } = await picture
    .toColourspace(isDeep && !isCut ? 'rgb16' : 'srgb')
    .raw({ depth: isDeep && !isCut ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const numbers = isDeep && !isCut ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  const pixels = toSrgb({ data: numbers, channels: size.channels }, color.space, color.peak);
  return sharp(pixels, { raw: { width: size.width, height: size.height, channels: size.channels } });
}

/** CMYK of a pipeline as RGB, as browsers take it that have no profile: each ink takes away its share of the light. */
async function withoutInks(picture: Sharp): Promise<Sharp> {
  const { data, info } = await picture
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
  const picture = source
    .open({ raw: true })
    .autoOrient()
    .resize(box.width, box.height, { fit: 'inside', withoutEnlargement: true });
  if (isGrey === source.isGrey) picture.keepIccProfile();
  return picture
    .toColourspace(isGrey ? 'b-w' : 'srgb')
    .png({ compressionLevel: 0 })
    .toBuffer();
}

async function fit(
  input: string,
  output: string,
  { maxSide, maxBytes }: { maxSide: number; maxBytes: number },
  limits: ImageLimits,
): Promise<ImageResults['fit']> {
  const source = await openSource(input, limits);
  let side = Math.min(maxSide, Math.max(source.info.width, source.info.height));
  // Decoded once, however many sizes and qualities are tried.
  const { data, info } = await (
    await shown(source, { width: side, height: side })
  )
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const usesPng = hasTransparency(data, info.channels);
  const isIcon = info.width * info.height <= iconPixels;
  for (;;) {
    for (const quality of usesPng ? [0] : isIcon ? [bestQuality, ...fitQualities] : fitQualities) {
      const picture = sharp(data, { raw }).resize(side, side, { fit: 'inside', withoutEnlargement: true });
      const written = usesPng
        ? await picture.png({ compressionLevel: 9 }).toFile(output)
        : await picture.removeAlpha().jpeg({ quality, chromaSubsampling: '4:4:4' }).toFile(output);
      if (written.size <= maxBytes) return { mimeType: usesPng ? 'image/png' : 'image/jpeg' };
    }
    side = Math.floor(side * fitShrink);
    if (side < minFitSide) {
      throw new TerminalError(
        'FILE_TOO_LARGE',
        `The image cannot be made to fit ${maxBytes} bytes. Use another one.`,
      );
    }
  }
}

function hasTransparency(data: Uint8Array, channels: number): boolean {
  if (channels !== 2 && channels !== 4) return false;
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return true;
  return false;
}

async function thumbnail(
  input: string,
  output: string,
  width: number,
  limits: ImageLimits,
): Promise<ImageResults['thumbnail']> {
  const source = await openSource(input, limits);
  // A panorama or a till receipt must not become a thumbnail of a thousand pixels the other way.
  const { data, info } = await (
    await shown(source, { width, height: width * 2 })
  )
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  // Drawings and screenshots are small without any loss, and lossy WebP would halve their colors.
  const isIcon = info.width * info.height <= iconPixels;
  const isWorthwhile = (source.isLossless || isIcon) && info.width * info.height <= maxExactPixels;
  const exact = isWorthwhile ? await sharp(data, { raw }).webp({ lossless: true, effort: 2 }).toBuffer() : null;
  const isSmall =
    exact !== null && exact.byteLength <= Math.max(maxExactBytes, info.width * info.height * exactBytesPerPixel);
  const encoded = isSmall
    ? exact
    : await sharp(data, { raw }).webp({ quality: thumbnailQuality, smartSubsample: true }).toBuffer();
  await writeFile(output, encoded);
  return { width: info.width, height: info.height };
}
