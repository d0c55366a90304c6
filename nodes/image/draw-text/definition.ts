import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { drawnTextField, textBoxFields, textStyleFields } from '../../../core/node-type/text-fields.ts';

/** Text in a box on an image. A connected text wins over the field. */
export const drawTextNode = defineNode({
  type: 'drawText',
  version: 1,
  title: 'Draw text',
  description: 'Writes text on an image: wrapped, fitted to its box, with an outline or a background.',
  category: 'image',
  keywords: [
    'caption',
    'title',
    'label',
    'watermark',
    'meme',
    'quote',
    'typography',
    'font',
    'headline',
    'thumbnail text',
    'annotate',
  ],
  icon: 'type',
  inputs: [
    { id: 'image', title: 'Image', dataType: 'image', required: true },
    { id: 'text', title: 'Text', dataType: 'text', configField: 'text' },
  ],
  outputs: [{ id: 'output', title: 'Image with text', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    text: drawnTextField,
    ...textStyleFields,
    ...textBoxFields,
  }),
  defaults: { label: 'Draw text', text: '' },
  mainField: 'text',
  look: { height: 484, picture: { input: 'image' }, shape: [{ like: 'image' }] },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
