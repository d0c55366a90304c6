import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { animateVideo } from '../../../media/operations/animate-video.ts';
import { animateNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, IMAGE_TOO_MANY_PIXELS, FILE_TOO_LARGE, MEDIA_TOOL_MISSING and VIDEO_*. */
export const animateExecutor = defineExecutor(animateNode, async (context) => {
  const { config, assets, media, signal } = context;
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, `animation.${config.format}`);
  await media.run(animateVideo, {
    input: path,
    output,
    format: config.format,
    width: config.width,
    frameRate: config.frameRate,
    isLooped: config.loop,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: `animation.${config.format}`, kind: 'image' }) };
});
