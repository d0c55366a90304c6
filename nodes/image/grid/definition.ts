import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { fontField } from '../../../core/node-type/text-fields.ts';

const plainColor = z.string().regex(/^#[0-9a-f]{6}$/i, 'This is not a color. Write it as #rrggbb.');

/** A label is read at a glance. */
export const maxLabelLength = 500;

/** Images side by side on one sheet, row by row. Labels that are connected win over those of the field. */
export const gridImagesNode = defineNode({
  type: 'gridImages',
  version: 1,
  title: 'Image grid',
  description: 'Puts a list of images on one sheet, in rows and columns, with a label below each: a contact sheet.',
  category: 'image',
  keywords: [
    'contact sheet',
    'collage',
    'montage',
    'mosaic',
    'overview',
    'side by side',
    'labels',
    'parameters',
    'storyboard',
    'combine images',
  ],
  icon: 'combine',
  inputs: [
    { id: 'images', title: 'Images', dataType: 'image', many: true, required: true },
    { id: 'labels', title: 'Labels', dataType: 'list<text>', configField: 'labels' },
    { id: 'title', title: 'Title', dataType: 'text', configField: 'title' },
  ],
  outputs: [{ id: 'output', title: 'Sheet', dataType: 'image' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    columns: z
      .number()
      .int()
      .min(1)
      .max(100)
      .nullable()
      .default(null)
      .meta({ title: 'Columns', control: 'number', placeholder: 'About square' }),
    labels: z
      .array(z.string().max(maxLabelLength, `A label has up to ${maxLabelLength} characters. Shorten it.`))
      .default([])
      .meta({ title: 'Labels', control: 'lines', description: 'One for each image, in order.', place: 'inspector' }),
    title: z.string().max(maxLabelLength).default('').meta({ title: 'Title', control: 'text', place: 'inspector' }),
    numbered: z.boolean().default(false).meta({ title: 'Number the images', control: 'switch', place: 'inspector' }),
    cellWidth: z
      .number()
      .int()
      .min(16)
      .max(4_096)
      .default(320)
      .meta({ title: 'Width of a cell', control: 'number', unit: 'px', place: 'inspector' }),
    cellHeight: z.number().int().min(16).max(4_096).nullable().default(null).meta({
      title: 'Height of a cell',
      control: 'number',
      unit: 'px',
      placeholder: 'That of the tallest image',
      place: 'inspector',
    }),
    fit: z
      .enum(['inside', 'cover'])
      .default('inside')
      .meta({
        title: 'Images in their cells',
        control: 'select',
        place: 'inspector',
        labels: { inside: 'Fit inside', cover: 'Fill and cut' },
      }),
    gap: z.number().int().min(0).max(500).default(16).meta({
      title: 'Gap',
      control: 'number',
      unit: 'px',
      place: 'inspector',
    }),
    textSize: z
      .number()
      .min(6)
      .max(200)
      .default(18)
      .meta({ title: 'Label size', control: 'number', unit: 'px', place: 'inspector' }),
    family: fontField,
    textColor: plainColor.default('#202020').meta({ title: 'Label color', control: 'color', place: 'inspector' }),
    background: plainColor.default('#ffffff').meta({ title: 'Background', control: 'color', place: 'inspector' }),
    format: z
      .enum(['png', 'jpeg', 'webp'])
      .default('png')
      .meta({
        title: 'Format',
        control: 'select',
        place: 'inspector',
        labels: { png: 'PNG', jpeg: 'JPEG', webp: 'WebP' },
      }),
  }),
  defaults: { label: 'Image grid' },
  mainField: 'columns',
  look: { height: 386 },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
