import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { elementFiles } from '../../../core/node-type/element-files.ts';
import { defineExecutor, type ExecutionContext } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { animateImages } from '../../../media/operations/animate-images.ts';
import { animateVideo } from '../../../media/operations/animate-video.ts';
import { fitCell } from '../../../media/operations/fit-cell.ts';
import type { z } from 'zod';
import { animateNode } from './definition.ts';

/** Each is an input of its own to ffmpeg, with a decoder. */
const maxImages = 200;

/** The share of the work that is done once all images are read. */
const readShare = 50;

type Context = ExecutionContext<z.output<typeof animateNode.configSchema>>;

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID, IMAGE_*, FILE_TOO_LARGE, MEDIA_TOOL_MISSING and VIDEO_*. */
export const animateExecutor = defineExecutor(animateNode, async (context) => {
  const { config, assets, inputs } = context;
  const output = join(assets.workDir, `animation.${config.format}`);
  const [hasVideo, hasImages] = [inputs['video'] !== undefined, inputs['images'] !== undefined];
  if (hasVideo && hasImages) {
    throw new TerminalError('NODE_DATA_INVALID', 'A video and images are connected. Connect one of the two.', {
      details: { handle: 'images' },
    });
  }
  if (hasImages) await ofImages(context, output);
  else await ofVideo(context, output);
  return { output: await assets.save(output, { name: `animation.${config.format}`, kind: 'image' }) };
});

async function ofVideo(context: Context, output: string): Promise<void> {
  const { config, media, signal } = context;
  const { path } = await requiredFile(context, 'video', 'video');
  await media.run(animateVideo, {
    ...{ input: path, output, format: config.format, width: config.width, frameRate: config.frameRate },
    ...{ isLooped: config.loop, signal, onProgress: tellProgress(context) },
  });
}

/** As large as the first image is within the width; the others fit into that. */
async function ofImages(context: Context, output: string): Promise<void> {
  const { config, assets, media, signal, progress } = context;
  const files = await elementFiles(context, 'images', { kind: 'image', most: maxImages, noun: 'images' });
  const { width: own = 1, height: ownHeight = 1 } = files[0]!.asset;
  const width = Math.min(config.width, own);
  const size = { width, height: Math.max(1, Math.round((ownHeight * width) / own)) };
  // In GIF a frame that is partly transparent would show the one before it there.
  const background = config.format === 'gif' ? opaque(config.background) : config.background;
  const pictures: string[] = [];
  for (const [at, { path: input }] of files.entries()) {
    const picture = join(assets.workDir, `picture-${at}.png`);
    await media.run(fitCell, { input, output: picture, ...size, fit: config.fit, background, signal });
    pictures.push(picture);
    progress(Math.floor((readShare * (at + 1)) / files.length));
  }
  await media.run(animateImages, {
    ...{ input: pictures[0]!, output, pictures, ...size, eachMs: Math.round(config.seconds * 1_000) },
    ...{ format: config.format, isLooped: config.loop, signal },
    onProgress: (share) => progress(Math.floor(readShare + (100 - readShare) * share)),
  });
}

/** A color without its alpha; white where it is not to be seen at all. */
function opaque(color: string): string {
  return color.slice(7) === '00' ? '#ffffff' : color.slice(0, 7);
}
