import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';

const side = z.number().int().min(1).max(20);

/** Tiles row by row, from the left to the right. All pixels are in one of them; tiles differ by one pixel at most. */
export const splitGridNode = defineNode({
  type: 'splitGrid',
  version: 1,
  title: 'Split grid',
  description: 'Cuts an image into the tiles of a grid, as a list: a contact sheet, a sprite sheet, four variants.',
  category: 'image',
  keywords: ['tiles', 'slice', 'contact sheet', 'sprite sheet', 'cut', 'pieces', 'cells', 'list'],
  icon: 'crop',
  inputs: [{ id: 'image', title: 'Image', dataType: 'image', required: true }],
  outputs: [{ id: 'output', title: 'Tiles', dataType: 'list<image>' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    columns: side.default(2).meta({ title: 'Columns', control: 'number' }),
    rows: side.default(2).meta({ title: 'Rows', control: 'number' }),
  }),
  defaults: { label: 'Split grid', columns: 2, rows: 2 },
  mainField: 'columns',
  look: { height: 374, picture: { input: 'image' } },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
