import { z } from 'zod';
import { soundFormats, type SoundFormat } from '../../core/data-types/sound-formats.ts';
import type { MediaWorkshop } from '../operation.ts';
import { audioSubject } from '../subjects.ts';
import type { WriteInput, WriteRequest } from '../write-request.ts';
import type { DescribedAudio } from './describe-audio.ts';
import { formatOfCodec, soundExtension, soundOptions, type SoundShape } from './sound-formats.ts';

/** How an audio file is to be written; `original` is the format that it has, or the nearest one that we write. */
export const soundTargetSchema = {
  format: z.enum(['original', ...soundFormats]),
  /** Bits a second, where something is lost. */
  bitRate: z.number().int().positive(),
};

/** How an audio file is read: the track that is played, and no cover. */
export function soundInput(file: string): WriteInput {
  return { file, subject: audioSubject, options: ['-vn'] };
}

/** First of all filters: times are those of the samples that are there, whatever the clock of the file says. */
export const countedSamples = 'asetpts=N/SR/TB';

interface SoundWork extends Pick<WriteRequest, 'output' | 'length' | 'onProgress' | 'signal'> {
  readonly input: string;
  readonly sound: DescribedAudio;
  /** Filters in the order they are done. */
  readonly filters: readonly string[];
  readonly format: SoundFormat | 'original';
  readonly bitRate: number;
  /** Default: the one that the file has. */
  readonly shape?: SoundShape;
}

/** Writes an audio file anew. Gives the ending of its name and its format. */
export async function writeSound(
  { input, sound, filters, format, bitRate, shape = sound.info, ...request }: SoundWork,
  { ffmpeg, limits }: MediaWorkshop,
): Promise<{ extension: string; format: SoundFormat }> {
  const target = format === 'original' ? (formatOfCodec(sound.info.codec) ?? 'aac') : format;
  await ffmpeg.write({
    ...request,
    inputs: [soundInput(input)],
    options: [
      ...['-map', `0:${sound.info.streamIndex}`, '-sn', '-dn'],
      ...['-af', [countedSamples, ...filters].join(',')],
      ...soundOptions(target, shape, bitRate, sound.info.codec),
    ],
    maxBytes: limits.maxAudioBytes,
  });
  return { extension: soundExtension(target), format: target };
}
