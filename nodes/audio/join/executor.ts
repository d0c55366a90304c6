import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { resolveAssetInputs } from '../../../core/node-type/inputs.ts';
import { tellProgress } from '../../../core/node-type/required-files.ts';
import { joinAudio } from '../../../media/operations/join-audio.ts';
import { joinAudioNode } from './definition.ts';

/** More open files than this would cost more memory than a worker has for one node. */
const maxParts = 100;

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID for too many parts, TIMESTAMP_OUT_OF_RANGE and AUDIO_*. */
export const joinAudioExecutor = defineExecutor(joinAudioNode, async (context) => {
  const { config, assets, media, signal } = context;
  const parts = await resolveAssetInputs(context, 'audio', 'audio');
  if (parts.length > maxParts) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `There are ${parts.length} audio files; up to ${maxParts} are joined at once. Join them in groups.`,
      { details: { handle: 'audio', found: parts.length } },
    );
  }
  const paths: string[] = [];
  for (const part of parts) paths.push(await assets.localFile(part));
  const [input, ...others] = paths;
  if (input === undefined) {
    throw new TerminalError('INPUT_MISSING', 'Nothing is connected to the input "audio". Connect audio files.', {
      details: { handle: 'audio' },
    });
  }
  const output = join(assets.workDir, 'joined');
  const { extension } = await media.run(joinAudio, {
    input,
    output,
    others,
    crossfade: config.crossfade,
    format: config.format,
    bitRate: config.bitRate * 1_000,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: `joined.${extension}`, kind: 'audio' }) };
});
