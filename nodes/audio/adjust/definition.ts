import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { soundNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { soundFields } from '../../../core/node-type/sound-fields.ts';

const seconds = (title: string) =>
  z.number().min(0).max(60).default(0).meta({ title, control: 'number', unit: 's', step: 0.1, place: 'inspector' });
const leveled = { field: 'leveled', values: [true] };
const withSilence = { field: 'silence', values: ['ends', 'pauses'] };

/** Removes silence first, then sets the loudness, then fades; `note` says what was done to the loudness. */
export const adjustAudioNode = defineNode({
  type: 'adjustAudio',
  version: 1,
  title: 'Adjust audio',
  description: 'Normalizes the loudness (EBU R128), changes the volume, fades in and out, removes silence.',
  category: 'audio',
  keywords: ['loudness', 'volume', 'normalize', 'lufs', 'gain', 'louder', 'fade in', 'fade out', 'silence', 'pauses'],
  icon: 'volume-2',
  inputs: [{ id: 'audio', title: 'Audio', dataType: 'audio', required: true }],
  outputs: [
    { id: 'output', title: 'Adjusted audio', dataType: 'audio' },
    { id: 'note', title: 'What was done', dataType: 'text' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    leveled: z.boolean().default(true).meta({ title: 'Normalize loudness', control: 'switch' }),
    loudness: z.number().min(-40).max(-5).default(-16).meta({
      title: 'Loudness',
      control: 'number',
      unit: 'LUFS',
      step: 0.5,
      description: 'Podcasts -16, streaming -14, TV -23',
      shownWhen: leveled,
    }),
    maxPeak: z.number().min(-9).max(0).default(-1.5).meta({
      title: 'Peak limit',
      control: 'number',
      unit: 'dBTP',
      step: 0.5,
      place: 'inspector',
      shownWhen: leveled,
    }),
    gain: z
      .number()
      .min(-40)
      .max(40)
      .default(0)
      .meta({
        title: 'Gain',
        control: 'number',
        unit: 'dB',
        step: 0.5,
        shownWhen: { field: 'leveled', values: [false] },
      }),
    fadeIn: seconds('Fade in'),
    fadeOut: seconds('Fade out'),
    silence: z
      .enum(['keep', 'ends', 'pauses'])
      .default('keep')
      .meta({
        title: 'Silence',
        control: 'select',
        place: 'inspector',
        labels: { keep: 'Keep', ends: 'Remove at both ends', pauses: 'Shorten pauses as well' },
      }),
    threshold: z
      .number()
      .min(-90)
      .max(-10)
      .default(-50)
      .meta({ title: 'Silence threshold', control: 'number', unit: 'dB', place: 'inspector', shownWhen: withSilence }),
    pause: z
      .number()
      .min(0.05)
      .max(10)
      .default(0.5)
      .meta({
        title: 'Longest pause',
        control: 'number',
        unit: 's',
        step: 0.1,
        place: 'inspector',
        shownWhen: { field: 'silence', values: ['pauses'] },
      }),
    ...soundFields,
  }),
  defaults: { label: 'Adjust audio', leveled: true, loudness: -16 },
  mainField: 'loudness',
  look: { height: 428, results: ['output'] },
  needs: [...soundNeeds, { part: 'filter:loudnorm', to: 'set a loudness' }],
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
