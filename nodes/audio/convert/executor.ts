import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { convertAudio } from '../../../media/operations/convert-audio.ts';
import { convertAudioNode } from './definition.ts';

const channelCounts = { original: null, mono: 1, stereo: 2 } as const;

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE, MEDIA_TOOL_MISSING and AUDIO_*. */
export const convertAudioExecutor = defineExecutor(convertAudioNode, async (context) => {
  const { config, assets, media, signal } = context;
  const { path } = await requiredFile(context, 'audio', 'audio');
  const output = join(assets.workDir, 'converted');
  const { extension } = await media.run(convertAudio, {
    input: path,
    output,
    format: config.format,
    bitRate: config.bitRate * 1_000,
    channels: channelCounts[config.channels],
    sampleRate: config.sampleRate === 'original' ? null : Number(config.sampleRate),
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: `converted.${extension}`, kind: 'audio' }) };
});
