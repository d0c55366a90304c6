import { z } from 'zod';
import { lossySoundFormats, soundFormatLabels, soundFormats } from '../data-types/sound-formats.ts';

const bitRate = z.number().int().min(32).max(320).default(160);

/** The fields of how an audio file is written: `format`, `original` by default, and `bitRate` in kbit/s. */
export const soundFields = {
  format: z
    .enum(['original', ...soundFormats])
    .default('original')
    .meta({ title: 'Format', control: 'select', labels: { original: 'Original', ...soundFormatLabels } }),
  bitRate: bitRate.meta({
    title: 'Bit rate',
    control: 'number',
    unit: 'kbit/s',
    place: 'inspector',
    description: 'For MP3, AAC and Opus.',
    shownWhen: { field: 'format', values: ['original', ...lossySoundFormats] },
  }),
};
