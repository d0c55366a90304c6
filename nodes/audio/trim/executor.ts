import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { arrivedTimeRange } from '../../../core/node-type/time-range.ts';
import { trimAudio } from '../../../media/operations/trim-audio.ts';
import { trimAudioNode } from './definition.ts';

/** Throws TIMESTAMP_INVALID, TIMESTAMP_OUT_OF_RANGE, INPUT_MISSING, TYPE_MISMATCH and AUDIO_*. */
export const trimAudioExecutor = defineExecutor(trimAudioNode, async (context) => {
  const { config, assets, media, signal } = context;
  // First, so that a wrong timestamp does not cost a download.
  const range = arrivedTimeRange(context);
  const { path } = await requiredFile(context, 'audio', 'audio');
  const output = join(assets.workDir, 'part');
  const { extension } = await media.run(trimAudio, {
    input: path,
    output,
    ...range,
    format: config.format,
    bitRate: config.bitRate * 1_000,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: `part.${extension}`, kind: 'audio' }) };
});
