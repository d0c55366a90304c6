import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { colorSchema } from '../../../core/node-type/image-fields.ts';

const straightened = { field: 'corners', values: ['fill'] };

/** Turns, then mirrors, then straightens. */
export const rotateImageNode = defineNode({
  type: 'rotateImage',
  version: 1,
  title: 'Rotate image',
  description: 'Turns, flips or straightens an image.',
  category: 'image',
  keywords: ['turn', 'flip', 'mirror', 'straighten', 'horizon', 'upside down', 'orientation'],
  icon: 'rotate-cw',
  inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Rotated image', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    turn: z
      .enum(['0', '90', '180', '270'])
      .default('0')
      .meta({
        title: 'Turn',
        control: 'select',
        labels: { '0': 'Not at all', '90': 'Right (90°)', '180': 'Upside down (180°)', '270': 'Left (90°)' },
      }),
    mirror: z
      .enum(['none', 'horizontal', 'vertical'])
      .default('none')
      .meta({
        title: 'Flip',
        control: 'select',
        labels: { none: 'Not at all', horizontal: 'Left and right', vertical: 'Top and bottom' },
      }),
    degrees: z
      .number()
      .min(-45)
      .max(45)
      .default(0)
      .meta({ title: 'Straighten', control: 'slider', unit: '°', step: 0.1, description: 'Clockwise, in degrees.' }),
    corners: z
      .enum(['cut', 'fill'])
      .default('cut')
      .meta({
        title: 'Corners',
        control: 'select',
        labels: { cut: 'Cut off', fill: 'Fill with a color' },
        place: 'inspector',
      }),
    background: colorSchema
      .default('#ffffff')
      .meta({ title: 'Corner color', control: 'color', place: 'inspector', shownWhen: straightened }),
  }),
  defaults: { label: 'Rotate image', turn: '90', mirror: 'none', degrees: 0 },
  mainField: 'degrees',
  look: { height: 454, picture: { input: 'image' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
