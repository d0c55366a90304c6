import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { extractAudio } from '../../../media/operations/extract-audio.ts';
import { extractAudioNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE, MEDIA_TOOL_MISSING, and VIDEO_* also where there is no sound. */
export const extractAudioExecutor = defineExecutor(extractAudioNode, async (context) => {
  const { config, assets, media, signal } = context;
  const { path } = await requiredFile(context, 'video', 'video');
  const output = join(assets.workDir, 'audio');
  const { extension } = await media.run(extractAudio, {
    input: path,
    output,
    format: config.format,
    bitRate: config.bitRate * 1_000,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: `audio.${extension}`, kind: 'audio' }) };
});
