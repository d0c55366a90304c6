import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { elementFiles, valuesBeside } from '../../../core/node-type/element-files.ts';
import { defineExecutor, type ExecutionContext } from '../../../core/node-type/executor.ts';
import { numberInput, resolveAssetInput } from '../../../core/node-type/inputs.ts';
import type { AssetReference, NodeInputs } from '../../../core/node-type/values.ts';
import { fitCell } from '../../../media/operations/fit-cell.ts';
import { resizeImage } from '../../../media/operations/resize-image.ts';
import { videoFromImages } from '../../../media/operations/video-from-images.ts';
import type { z } from 'zod';
import { filmShapes, videoFromImagesNode } from './definition.ts';

/** Each lies on the disk in the shape of the video until that is made. */
const maxImages = 1_000;

/** What pictures may take at the same time while the video is made, in bytes; with ffmpeg itself that stays below 600 MB. */
const maxPictureBytes = 350_000_000;

/** Each has filters of its own. */
const mostAtOnce = 40;

/** Bytes of a pixel of the video that were measured for each image: it is decoded early, twice to be faded, and larger to be moved. */
const pixelBytes = { still: 5, faded: 10, moved: 24 };

/** The share of the work that is done once all images are read. */
const readShare = 20;

/** A picture that is zoomed in on shows a little more than the film has pixels. */
const zoomedMost = 1.2;

/** Longer than any film may be. */
const maxSeconds = 86_400;

/** Throws INPUT_MISSING, TYPE_MISMATCH, LIST_LENGTHS_DIFFER, NODE_DATA_INVALID, VIDEO_TOO_LONG, IMAGE_* and AUDIO_*. */
export const videoFromImagesExecutor = defineExecutor(videoFromImagesNode, async (context) => {
  const { config, inputs, assets, media, signal, progress } = context;
  const files = await elementFiles(context, 'images', { kind: 'image', most: maxImages, noun: 'images' });
  const seconds = secondsOf(inputs);
  const audio = await resolveAssetInput(context, 'audio', 'audio');
  const box = boxOf(files[0]!.asset, config);
  const scale = config.motion === 'none' ? 1 : zoomedMost;
  const cell = { width: Math.ceil(box.width * scale), height: Math.ceil(box.height * scale) };
  const pictures = [];
  for (const [at, { index, path: input }] of files.entries()) {
    const file = join(assets.workDir, `picture-${at}.png`);
    await shapePicture(context, { input, output: file, ...cell });
    pictures.push({ file, seconds: seconds?.[index] ?? config.seconds });
    progress(Math.floor((readShare * (at + 1)) / files.length));
  }
  const { transition, transitionSeconds, motion, frameRate, length } = config;
  const output = join(assets.workDir, 'slideshow.mp4');
  await media.run(videoFromImages, {
    ...{ input: pictures[0]!.file, output, pictures, ...box },
    ...{ transition, transitionSeconds, motion, frameRate, length, atOnce: picturesAtOnce(box, config) },
    audio: audio === undefined ? null : await assets.localFile(audio),
    signal,
    onProgress: (share) => progress(Math.floor(readShare + (100 - readShare) * share)),
  });
  return { output: await assets.save(output, { name: 'slideshow.mp4', kind: 'video' }) };
});

function picturesAtOnce(
  { width, height }: { readonly width: number; readonly height: number },
  { motion, transition }: { readonly motion: string; readonly transition: string },
): number {
  const kind = motion !== 'none' ? 'moved' : transition === 'fade' || transition === 'slide' ? 'faded' : 'still';
  const most = Math.floor(maxPictureBytes / (width * height * pixelBytes[kind]));
  return Math.max(2, Math.min(mostAtOnce, most));
}

type Context = ExecutionContext<z.output<typeof videoFromImagesNode.configSchema>>;

/** A picture in the shape of the film. */
async function shapePicture(
  { config, media, signal }: Context,
  { input, output, ...size }: { input: string; output: string; width: number; height: number },
): Promise<void> {
  const { mode, background } = config;
  const fit = mode === 'cover' ? 'cover' : 'pad';
  const lying = mode === 'blur' ? `${output}.blurred` : input;
  if (mode === 'blur') {
    await media.run(resizeImage, {
      ...{ input, output: lying, ...size, mode: 'pad', unit: 'px', mayEnlarge: true, position: 'center' },
      ...{ background: 'blur', kernel: 'lanczos3', signal },
    });
  }
  await media.run(fitCell, { input: lying, output, ...size, fit, background, signal });
}

/** Of each element, or undefined where nothing is connected; one that is missing has the time of the field. */
function secondsOf(inputs: NodeInputs): (number | null)[] | undefined {
  return valuesBeside(inputs, 'durations', 'images')?.map((durations, index) => {
    if (durations === null) return null;
    const seconds = numberInput({ durations }, 'durations')!;
    if (seconds > 0 && seconds <= maxSeconds) return seconds;
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `Image ${index + 1} is to be shown for ${seconds} s. Give each a time above 0.`,
      { details: { field: 'durations', found: seconds } },
    );
  });
}

/** Pixels: DCI 4K. A first image that is a narrow strip makes no film of a hundred times its height. */
const longestSide = 4_096;

/** H.264 with halved colors takes even sides only. */
const even = (side: number) => Math.max(2, Math.round(side / 2) * 2);

function boxOf(
  first: AssetReference,
  { aspect, shortSide }: { readonly aspect: keyof typeof filmShapes; readonly shortSide: number },
): { readonly width: number; readonly height: number } {
  const shape = filmShapes[aspect] ?? (first.width ?? 1) / (first.height ?? 1);
  const long = Math.max(shape, 1 / shape);
  const short = Math.min(shortSide, longestSide / long);
  return shape >= 1
    ? { width: even(short * long), height: even(short) }
    : { width: even(short), height: even(short * long) };
}
