import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';

/** Puts videos one after the other, in the order of their edges; `note` says by which rule they were made alike. */
export const joinVideosNode = defineNode({
  type: 'joinVideos',
  version: 1,
  title: 'Join videos',
  description: 'Joins videos end to end, also of different sizes, with a crossfade if you like.',
  category: 'video',
  keywords: [
    'concatenate',
    'merge',
    'append',
    'crossfade',
    'dissolve',
    'transition',
    'sequence',
    'combine clips',
    'montage',
  ],
  icon: 'combine',
  inputs: [{ id: 'videos', title: 'Videos, in order', dataType: 'video', many: true, required: true }],
  outputs: [
    { id: 'output', title: 'Joined video', dataType: 'video' },
    { id: 'note', title: 'How they were joined', dataType: 'text' },
  ],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    crossfade: z.number().min(0).max(30).default(0).meta({
      title: 'Crossfade',
      control: 'number',
      unit: 's',
      step: 0.1,
    }),
    mode: z
      .enum(['pad', 'cover', 'blur'])
      .default('pad')
      .meta({
        title: 'Other shapes',
        control: 'select',
        labels: { pad: 'Pad with a color', cover: 'Fill, cut off the rest', blur: 'Pad with a blurred copy' },
      }),
    size: z
      .enum(['first', 'largest'])
      .default('first')
      .meta({
        title: 'Size',
        control: 'select',
        place: 'inspector',
        labels: { first: 'That of the first video', largest: 'That of the largest video' },
      }),
    background: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'This is not a color. Write it as #rrggbb.')
      .default('#000000')
      .meta({ title: 'Color', control: 'color', place: 'inspector', shownWhen: { field: 'mode', values: ['pad'] } }),
    frameRate: z.number().min(1).max(120).nullable().default(null).meta({
      title: 'Frame rate',
      control: 'number',
      unit: 'fps',
      placeholder: 'That of the first video',
      place: 'inspector',
    }),
  }),
  defaults: { label: 'Join videos', crossfade: 0, mode: 'pad' },
  mainField: 'crossfade',
  look: { height: 424, results: ['output'] },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
