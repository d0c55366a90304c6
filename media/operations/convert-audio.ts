import { z } from 'zod';
import { soundFormats } from '../../core/data-types/sound-formats.ts';
import { describeAudio } from '../audio/describe-audio.ts';
import { fittingShape } from '../audio/sound-formats.ts';
import { soundTargetSchema, writeSound } from '../audio/write-sound.ts';
import { programOperation } from '../operation.ts';

/**
 * Writes an audio file in another format, with other channels or another sample rate where they are given. What a format
 * does not take becomes the nearest it takes; the answer says what came out. Throws AUDIO_* and MEDIA_TOOL_MISSING.
 */
export const convertAudio = programOperation({
  name: 'convert audio',
  params: z.object({
    ...soundTargetSchema,
    format: z.enum(soundFormats),
    /** Null: as many as there are. */
    channels: z.number().int().min(1).max(2).nullable(),
    /** Samples a second; null: as it is. */
    sampleRate: z.number().int().positive().nullable(),
  }),
  async work({ input, format, channels, sampleRate, ...request }, workshop) {
    const sound = await describeAudio({ input, signal: request.signal }, workshop);
    const shape = { channels: channels ?? sound.info.channels, sampleRate: sampleRate ?? sound.info.sampleRate };
    const work = { ...request, input, sound, format, shape, filters: [], length: sound.length };
    return { ...(await writeSound(work, workshop)), ...fittingShape(format, shape) };
  },
});
