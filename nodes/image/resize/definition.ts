import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { anchorLabels, anchors, colorSchema } from '../../../core/node-type/image-fields.ts';

const side = z.number().positive('A side needs more than 0.').max(100_000).optional();
const aroundIt = { field: 'mode', values: ['pad'] };

/** Fits, fills, pads or stretches. A connected width or height wins over its field; one of the two is enough. */
export const resizeImageNode = defineNode({
  type: 'resizeImage',
  version: 1,
  title: 'Resize image',
  description: 'Makes an image smaller or larger, or fits it to a shape.',
  category: 'image',
  keywords: [
    'scale',
    'size',
    'thumbnail',
    'fit',
    'fill',
    'pad',
    'vertical',
    'square',
    'story',
    'letterbox',
    'aspect ratio',
    'smart crop',
  ],
  icon: 'scaling',
  inputs: [
    { id: 'image', title: 'Image', dataType: 'image', required: true },
    { id: 'width', title: 'Width', dataType: 'number', configField: 'width' },
    { id: 'height', title: 'Height', dataType: 'number', configField: 'height' },
  ],
  outputs: [{ id: 'output', title: 'Resized image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    mode: z
      .enum(['inside', 'cover', 'pad', 'exact'])
      .default('inside')
      .meta({
        title: 'How',
        control: 'select',
        labels: { inside: 'Fit inside', cover: 'Fill and cut', pad: 'Fit and pad', exact: 'Stretch' },
      }),
    width: side.meta({ title: 'Width', control: 'number' }),
    height: side.meta({ title: 'Height', control: 'number' }),
    unit: z
      .enum(['px', 'percent'])
      .default('px')
      .meta({
        title: 'Unit',
        control: 'select',
        place: 'inspector',
        labels: { px: 'Pixels', percent: 'Percent of the image' },
      }),
    position: z
      .enum([...anchors, 'busy'])
      .default('center')
      .meta({
        title: 'Keep',
        control: 'select',
        labels: { ...anchorLabels, busy: 'What catches the eye' },
        shownWhen: { field: 'mode', values: ['cover', 'pad'] },
      }),
    fill: z
      .enum(['color', 'blur'])
      .default('color')
      .meta({
        title: 'Pad with',
        control: 'select',
        labels: { color: 'A color', blur: 'The image, blurred' },
        shownWhen: aroundIt,
      }),
    background: colorSchema
      .default('#ffffff')
      .meta({ title: 'Color', control: 'color', shownWhen: aroundIt, description: '#rrggbbaa is partly transparent.' }),
    enlarge: z
      .boolean()
      .default(false)
      .meta({
        title: 'Allow enlarging',
        control: 'switch',
        place: 'inspector',
        shownWhen: { field: 'mode', values: ['inside', 'cover', 'pad'] },
      }),
    kernel: z
      .enum(['lanczos3', 'mitchell', 'cubic', 'nearest'])
      .default('lanczos3')
      .meta({
        title: 'Resampling',
        control: 'select',
        place: 'inspector',
        labels: {
          lanczos3: 'Sharp (Lanczos)',
          mitchell: 'Soft (Mitchell)',
          cubic: 'Cubic',
          nearest: 'Hard (pixel art)',
        },
      }),
  }),
  defaults: { label: 'Resize image', mode: 'inside', width: 1024, height: 1024 },
  mainField: 'width',
  look: {
    height: 462,
    picture: { input: 'image' },
    shape: [
      { when: { mode: ['cover', 'pad', 'exact'], unit: ['px'] }, sides: ['width', 'height'] },
      { when: { unit: ['px'] }, like: 'image' },
    ],
  },
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: ({ width, height }, connected) =>
    width !== undefined || height !== undefined || connected.has('width') || connected.has('height')
      ? []
      : [{ field: 'width', message: 'There is no size to resize to. Enter a width or a height.' }],
});
