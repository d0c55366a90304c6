import { z } from 'zod';
import { lossySoundFormats, soundFormatLabels, soundFormats } from '../../../core/data-types/sound-formats.ts';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Takes the sound of a video, in step with its pictures. */
export const extractAudioNode = defineNode({
  type: 'extractAudio',
  version: 1,
  title: 'Extract audio',
  description: 'Takes the sound out of a video.',
  category: 'video',
  keywords: ['sound', 'soundtrack', 'video to mp3', 'rip', 'voice', 'music', 'demux'],
  icon: 'audio-lines',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Audio', dataType: 'audio' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    format: z
      .enum(['original', ...soundFormats])
      .default('original')
      .meta({
        title: 'Format',
        control: 'select',
        labels: { original: 'As it is in the video', ...soundFormatLabels },
      }),
    bitRate: z
      .number()
      .int()
      .min(32)
      .max(320)
      .default(160)
      .meta({
        title: 'Bit rate',
        control: 'number',
        unit: 'kbit/s',
        shownWhen: { field: 'format', values: [...lossySoundFormats] },
      }),
  }),
  defaults: { label: 'Extract audio', format: 'original' },
  mainField: 'format',
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
