import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { numberInput } from '../../../core/node-type/inputs.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { resizeVideo } from '../../../media/operations/resize-video.ts';
import { resizeVideoNode, shapes } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for a side that cannot be, and VIDEO_*. */
export const resizeVideoExecutor = defineExecutor(resizeVideoNode, async (context) => {
  const { config, inputs, assets, media, signal } = context;
  const side = (handle: 'width' | 'height') => {
    const value = numberInput(inputs, handle) ?? config[handle];
    if (value === null || (Number.isInteger(value) && value >= 2)) return value;
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `The ${handle} is ${value}. Give a whole number of pixels, 2 or more.`,
      { details: { field: handle } },
    );
  };
  const [width, height] = [side('width'), side('height')];
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, 'resized.mp4');
  await media.run(resizeVideo, {
    input: path,
    output,
    mode: config.mode,
    width,
    height,
    aspect: shapes[config.aspect],
    place: config.place,
    background: config.background,
    frameRate: config.frameRate,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: 'resized.mp4', kind: 'video' }) };
});
