import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile } from '../../../core/node-type/required-files.ts';
import { videoFacts } from '../../../media/operations/video-facts.ts';
import { videoInfoNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, and VIDEO_* where the video cannot be read. */
export const videoInfoExecutor = defineExecutor(videoInfoNode, async (context) => {
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(context.assets.workDir, 'facts.json');
  return { output: await context.media.run(videoFacts, { input: path, output, signal: context.signal }) };
});
