import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

/** Makes an animated picture of a video. */
export const animateNode = defineNode({
  type: 'animate',
  version: 1,
  title: 'Animate',
  description: 'Turns a video into an animated GIF or WebP.',
  category: 'video',
  keywords: ['gif', 'animated webp', 'video to gif', 'loop', 'sticker', 'meme', 'preview'],
  icon: 'image-play',
  inputs: [{ id: 'video', title: 'Video', dataType: 'video', required: true }],
  outputs: [{ id: 'output', title: 'Animation', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    format: z
      .enum(['gif', 'webp'])
      .default('gif')
      .meta({ title: 'Format', control: 'select', labels: { gif: 'GIF', webp: 'WebP' } }),
    width: z.number().int().min(16).max(1_920).default(480).meta({
      title: 'Width',
      control: 'number',
      unit: 'px',
      description: 'Maximum; a smaller video keeps its size',
    }),
    frameRate: z.number().min(1).max(50).default(12).meta({ title: 'Frame rate', control: 'number', unit: 'fps' }),
    loop: z.boolean().default(true).meta({ title: 'Loop', control: 'switch' }),
  }),
  defaults: { label: 'Animate', format: 'gif', width: 480, frameRate: 12 },
  mainField: 'format',
  look: { height: 462 },
  needs: [
    { part: 'filter:palettegen', to: 'write GIF' },
    { part: 'encoder:gif', to: 'write GIF' },
    { part: 'encoder:libwebp_anim', to: 'write WebP' },
  ],
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
