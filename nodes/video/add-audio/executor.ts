import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { addAudio } from '../../../media/operations/add-audio.ts';
import { addAudioNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE, VIDEO_* and AUDIO_*. */
export const addAudioExecutor = defineExecutor(addAudioNode, async (context) => {
  const { config, assets, media, signal } = context;
  const video = await requiredFile(context, 'video', 'video');
  const audio = await requiredFile(context, 'audio', 'audio');
  const output = join(assets.workDir, 'video.mp4');
  await media.run(addAudio, {
    input: video.path,
    output,
    audio: audio.path,
    mode: config.mode,
    isDucked: config.ducked,
    gain: config.gain,
    startsAt: config.startsAt,
    signal,
    onProgress: tellProgress(context),
  });
  return { output: await assets.save(output, { name: 'video.mp4', kind: 'video' }) };
});
