import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { colorSchema } from '../../../core/node-type/image-fields.ts';

/** Makes an animated picture of a video, or of a list of images. */
export const animateNode = defineNode({
  type: 'animate',
  version: 1,
  title: 'Animate',
  description: 'Turns a video or a list of images into an animated GIF or WebP.',
  category: 'video',
  keywords: [
    'gif',
    'animated webp',
    'video to gif',
    'loop',
    'sticker',
    'meme',
    'preview',
    'stop motion',
    'images to gif',
  ],
  icon: 'image-play',
  inputs: [
    { id: 'video', title: 'Video', dataType: 'video' },
    { id: 'images', title: 'Or images', dataType: 'image', many: true, onlyByName: true },
  ],
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
      description: 'Maximum; what is smaller keeps its size.',
    }),
    frameRate: z
      .number()
      .min(1)
      .max(50)
      .default(12)
      .meta({ title: 'Frame rate', control: 'number', unit: 'fps', place: 'inspector', description: 'Of a video.' }),
    seconds: z.number().min(0.02).max(60).default(0.5).meta({
      title: 'Each image',
      control: 'number',
      unit: 's',
      step: 0.1,
      place: 'inspector',
    }),
    fit: z
      .enum(['pad', 'cover'])
      .default('pad')
      .meta({
        title: 'Images of other shapes',
        control: 'select',
        place: 'inspector',
        labels: { pad: 'Fit inside', cover: 'Fill and cut' },
      }),
    background: colorSchema.default('#00000000').meta({
      title: 'Around them',
      control: 'color',
      place: 'inspector',
      shownWhen: { field: 'fit', values: ['pad'] },
      description: '#rrggbbaa is partly transparent, in WebP; in GIF what is transparent is white.',
    }),
    loop: z.boolean().default(true).meta({ title: 'Loop', control: 'switch', place: 'inspector' }),
  }),
  defaults: { label: 'Animate', format: 'gif', width: 480, frameRate: 12 },
  mainField: 'format',
  look: { height: 424 },
  needs: [
    { part: 'filter:palettegen', to: 'write GIF' },
    { part: 'encoder:gif', to: 'write GIF' },
    { part: 'encoder:libwebp_anim', to: 'write WebP' },
  ],
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: (_config, connected) =>
    connected.has('video') || connected.has('images')
      ? []
      : [{ field: 'video', message: 'Nothing is connected. Connect a video, or images.' }],
});
