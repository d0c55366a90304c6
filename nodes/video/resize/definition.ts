import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { videoNeeds } from '../../../core/node-type/ffmpeg-parts.ts';

/** Shapes by their name; null: the one that the video has. */
export const shapes = {
  original: null,
  '16:9': 16 / 9,
  '9:16': 9 / 16,
  '1:1': 1,
  '4:5': 4 / 5,
  '4:3': 4 / 3,
  '21:9': 21 / 9,
} as const;

const side = (title: string) =>
  z.number().int().min(16).max(8_192).nullable().default(null).meta({
    title,
    control: 'number',
    unit: 'px',
    placeholder: 'Automatic',
    place: 'inspector',
  });

/** Both sides, one of them, or a shape alone; see targetBox in media/video. */
export const resizeVideoNode = defineNode({
  type: 'resizeVideo',
  version: 1,
  title: 'Resize video',
  description: 'Changes the size, shape or frame rate of a video: fitted, cut, or with a blurred border.',
  category: 'video',
  keywords: [
    'vertical',
    'portrait',
    'square',
    'aspect ratio',
    'scale',
    'crop',
    'reframe',
    'fps',
    'letterbox',
    'shorts',
    'reels',
    'story',
    'rotate',
  ],
  icon: 'scaling',
  inputs: [
    { id: 'video', title: 'Video', dataType: 'video', required: true },
    { id: 'width', title: 'Width', dataType: 'number', configField: 'width' },
    { id: 'height', title: 'Height', dataType: 'number', configField: 'height' },
  ],
  outputs: [{ id: 'output', title: 'Video', dataType: 'video' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    aspect: z
      .enum(Object.keys(shapes) as [keyof typeof shapes, ...(keyof typeof shapes)[]])
      .default('9:16')
      .meta({ title: 'Shape', control: 'select', labels: { original: 'Original' } }),
    mode: z
      .enum(['fit', 'cover', 'pad', 'blur'])
      .default('blur')
      .meta({
        title: 'How',
        control: 'select',
        labels: {
          fit: 'Fit inside, keep the shape',
          cover: 'Fill, cut off the rest',
          pad: 'Pad with a color',
          blur: 'Pad with a blurred copy',
        },
      }),
    width: side('Width'),
    height: side('Height'),
    place: z
      .enum(['center', 'top', 'bottom', 'left', 'right'])
      .default('center')
      .meta({
        title: 'Position',
        control: 'select',
        place: 'inspector',
        labels: { center: 'Center', top: 'Top', bottom: 'Bottom', left: 'Left', right: 'Right' },
        shownWhen: { field: 'mode', values: ['cover', 'pad', 'blur'] },
      }),
    background: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'This is not a color. Write it as #rrggbb.')
      .default('#000000')
      .meta({
        title: 'Background',
        control: 'color',
        place: 'inspector',
        shownWhen: { field: 'mode', values: ['pad'] },
      }),
    frameRate: z.number().min(1).max(120).nullable().default(null).meta({
      title: 'Frame rate',
      control: 'number',
      unit: 'fps',
      placeholder: 'Original',
      place: 'inspector',
    }),
  }),
  defaults: { label: 'Resize video', aspect: '9:16', mode: 'blur' },
  mainField: 'aspect',
  look: {
    height: 446,
    shape: [
      { when: { mode: ['cover', 'pad', 'blur'] }, sides: ['width', 'height'] },
      { when: { mode: ['cover', 'pad', 'blur'] }, aspect: 'aspect' },
      { like: 'video' },
    ],
  },
  needs: videoNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
