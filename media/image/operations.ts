import sharp, { type Metadata, type Sharp } from 'sharp';
import { TerminalError } from '../../core/errors/app-error.ts';
import { cropRegion } from './crop-region.ts';
import { encode, isLosslessWebp } from './encode.ts';
import type { ImageFormat, ImageInfo, ImageLimits, ImageResults, ImageTask } from './tasks.ts';

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

/** Quality of thumbnails: good enough for a preview, a few kB each. */
const thumbnailQuality = 80;

/** JPEG qualities that are tried before the picture is made smaller. */
const fitQualities = [90, 80, 70];

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
  const { info } = await inspect(input, limits);
  if (decode) {
    await open(input, limits).resize(decodeCheckSide, decodeCheckSide, { fit: 'inside' }).raw().toBuffer();
  }
  return info;
}

async function crop(
  input: string,
  output: string,
  box: Parameters<typeof cropRegion>[0],
  limits: ImageLimits,
): Promise<ImageResults['crop']> {
  const { info, metadata } = await inspect(input, limits);
  const region = cropRegion(box, info);
  const picture = open(input, limits).autoOrient().extract(region).keepIccProfile();
  // Without this, 16 bits a channel would come out as 8.
  if (metadata.space === 'rgb16' || metadata.space === 'grey16') picture.toColourspace(metadata.space);
  const isLossless = info.format === 'webp' && (await isLosslessWebp(input));
  await encode(picture, info.format, { chromaSubsampling: metadata.chromaSubsampling, isLossless }).toFile(output);
  return { width: region.width, height: region.height };
}

async function fit(
  input: string,
  output: string,
  { maxSide, maxBytes }: { maxSide: number; maxBytes: number },
  limits: ImageLimits,
): Promise<ImageResults['fit']> {
  const { info, metadata } = await inspect(input, limits);
  const usesPng = metadata.hasAlpha && !(await open(input, limits).stats()).isOpaque;
  let side = Math.min(maxSide, Math.max(info.width, info.height));
  for (;;) {
    for (const quality of usesPng ? [0] : fitQualities) {
      const picture = open(input, limits).autoOrient().resize(side, side, { fit: 'inside', withoutEnlargement: true });
      const written = usesPng
        ? await picture.png({ compressionLevel: 9 }).toFile(output)
        : await picture.flatten({ background: '#ffffff' }).jpeg({ quality }).toFile(output);
      if (written.size <= maxBytes) return { mimeType: usesPng ? 'image/png' : 'image/jpeg' };
    }
    side = Math.floor(side * fitShrink);
    if (side < minFitSide) {
      throw new TerminalError('FILE_TOO_LARGE', `The picture cannot be made to fit ${maxBytes} bytes.`);
    }
  }
}

async function thumbnail(
  input: string,
  output: string,
  width: number,
  limits: ImageLimits,
): Promise<ImageResults['thumbnail']> {
  await inspect(input, limits);
  const written = await open(input, limits)
    .autoOrient()
    // A panorama or a till receipt must not become a thumbnail of a thousand pixels the other way.
    .resize(width, width * 2, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: thumbnailQuality })
    .toFile(output);
  return { width: written.width, height: written.height };
}

function open(input: string, limits: ImageLimits): Sharp {
  return sharp(input, { limitInputPixels: limits.maxImagePixels, failOn: 'error', sequentialRead: true });
}

/** Reads the header only and holds it against the limits, so that nothing too large is ever decoded. */
async function inspect(input: string, limits: ImageLimits): Promise<{ info: ImageInfo; metadata: Metadata }> {
  const metadata = await sharp(input, { limitInputPixels: false }).metadata();
  const { width, height } = metadata.autoOrient;
  const frames = metadata.pages ?? 1;
  const pixels = width * height;
  if (
    pixels > limits.maxImagePixels ||
    Math.max(width, height) > limits.maxImageSide ||
    pixels * frames > limits.maxAnimationPixels
  ) {
    const size = `${width} × ${height} pixels${frames > 1 ? ` in ${frames} frames` : ''}`;
    throw new TerminalError(
      'IMAGE_TOO_MANY_PIXELS',
      `The picture has ${size}; up to ${limits.maxImagePixels} pixels, ${limits.maxImageSide} on a side and ` +
        `${limits.maxAnimationPixels} over all frames are taken. Make it smaller.`,
    );
  }
  return { info: { format: formatOf(metadata), width, height, frames }, metadata };
}

function formatOf(metadata: Metadata): ImageFormat {
  const { format } = metadata;
  if (format === 'jpeg' || format === 'png' || format === 'webp' || format === 'gif') return format;
  if (format === 'heif' && metadata.compression === 'av1') return 'avif';
  throw new TerminalError(
    'UNSUPPORTED_MEDIA',
    `Pictures of type ${format} are not taken. Use JPEG, PNG, WebP, GIF or AVIF.`,
  );
}
