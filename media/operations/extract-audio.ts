import { z } from 'zod';
import { soundFormats, type SoundFormat } from '../../core/data-types/sound-formats.ts';
import { TerminalError } from '../../core/errors/app-error.ts';
import { fittingShape, soundExtension, soundOptions } from '../audio/sound-formats.ts';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import { filmInput, inStep } from '../video/film-output.ts';

/** Formats that a track can be put into as it is, by its codec. */
const unchanged: Readonly<Record<string, { format: SoundFormat; muxer: readonly string[] }>> = {
  aac: { format: 'aac', muxer: ['-movflags', '+faststart', '-f', 'ipod'] },
  mp3: { format: 'mp3', muxer: ['-f', 'mp3'] },
  flac: { format: 'flac', muxer: ['-f', 'flac'] },
  opus: { format: 'opus', muxer: ['-f', 'ogg'] },
};

/** A sound that begins so little beside the first picture, in seconds, is in step with it. */
const inStepWithin = 0.05;

/**
 * Writes the sound that is played with a video, from its first picture on. `original` takes the track as it is where
 * it is in step and has a format of its own, else it is AAC. Throws VIDEO_UNREADABLE where there is no sound.
 */
export const extractAudio = programOperation({
  name: 'extract audio',
  params: z.object({
    format: z.enum(['original', ...soundFormats]),
    /** Bits a second. */
    bitRate: z.number().int().positive(),
  }),
  async work({ input, output, format, bitRate, signal, onProgress }, { ffmpeg, limits }) {
    const film = await describeFilm({ input, signal }, { ffmpeg, limits });
    const { sound } = film;
    if (sound === null) {
      throw new TerminalError(
        'VIDEO_UNREADABLE',
        'The video has no sound that can be taken out of it. Choose a video with sound.',
        {
          details: { holds: 'pictures' },
        },
      );
    }
    const kept = format === 'original' && Math.abs(sound.startsAt) <= inStepWithin ? unchanged[sound.codec] : undefined;
    const target = kept?.format ?? (format === 'original' ? 'aac' : format);
    const encoding =
      kept === undefined
        ? ['-af', inStep, ...soundOptions(target, fittingShape(target, sound), bitRate)]
        : ['-c:a', 'copy', ...kept.muxer];
    await ffmpeg.write({
      inputs: [filmInput(input, film)],
      options: ['-map', `0:${sound.streamIndex}`, '-vn', '-sn', '-dn', ...encoding],
      output,
      maxBytes: limits.maxAudioBytes,
      length: film.length,
      onProgress,
      signal,
    });
    return { isCopied: kept !== undefined, extension: soundExtension(target) };
  },
});
