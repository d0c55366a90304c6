import { join } from 'node:path';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile, tellProgress } from '../../../core/node-type/required-files.ts';
import { adjustAudio, type Leveling } from '../../../media/operations/adjust-audio.ts';
import { adjustAudioNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, FILE_TOO_LARGE, MEDIA_TOOL_MISSING and AUDIO_*. */
export const adjustAudioExecutor = defineExecutor(adjustAudioNode, async (context) => {
  const { config, assets, media, signal, logger } = context;
  const { path } = await requiredFile(context, 'audio', 'audio');
  const output = join(assets.workDir, 'adjusted');
  const { extension, leveling, removedSeconds } = await media.run(adjustAudio, {
    input: path,
    output,
    loudness: config.leveled ? config.loudness : null,
    maxPeak: config.maxPeak,
    gain: config.leveled ? 0 : config.gain,
    fadeIn: config.fadeIn,
    fadeOut: config.fadeOut,
    silence: config.silence,
    threshold: config.threshold,
    pause: config.pause,
    format: config.format,
    bitRate: config.bitRate * 1_000,
    signal,
    onProgress: tellProgress(context),
  });
  logger.info({ leveling, removedSeconds }, 'Adjusted audio');
  const asset = await assets.save(output, { name: `adjusted.${extension}`, kind: 'audio' });
  return { output: asset, note: [levelNote(leveling, config.loudness), silenceNote(removedSeconds)].join('') };
});

function levelNote(leveling: Leveling, target: number): string {
  switch (leveling.kind) {
    case 'none':
      return 'The loudness was not measured.';
    case 'too-short':
      return 'There is too little sound to measure its loudness, so it stays as it is.';
    case 'gain':
      return `From ${leveling.from} to ${target} LUFS by ${leveling.gain} dB for all of it.`;
    case 'limited':
      return `From ${leveling.from} to ${target} LUFS; the peaks were held down, so quiet parts gained more than loud ones.`;
  }
}

function silenceNote(removedSeconds: number): string {
  return removedSeconds < 0.05 ? '' : ` ${removedSeconds.toFixed(1)} s of silence were removed.`;
}
