import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { speedVideo } from '../../../media/operations/speed-video.ts';
import { speedVideoNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE and VIDEO_*, also where it becomes longer than videos may be. */
export const speedVideoExecutor = defineExecutor(speedVideoNode, async (context) => {
  const { config, assets, media, signal } = context;
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, 'video.mp4');
  const onProgress = tellProgress(context);
  await media.run(speedVideo, {
    input: path,
    output,
    factor: config.factor,
    keepsSound: config.sound,
    signal,
    onProgress,
  });
  return { output: await assets.save(output, { name: 'video.mp4', kind: 'video' }) };
});
