import { z } from 'zod';
import { TerminalError } from '../errors/app-error.ts';
import { colorSchema } from './image-fields.ts';

/** Fonts that are there on every machine. */
export const fontFamilies = ['sans', 'serif', 'mono', 'condensed'] as const;
export type FontFamily = (typeof fontFamilies)[number];

/** A longer text is none on a picture; each size that is tried draws all of it. */
export const maxTextLength = 10_000;

const percent = z.number().min(0).max(100);
const boxSide = percent.gt(0, 'The text box has no size. Enter more than 0%.');

/** The box that a text lies in, in percent of the picture. */
export const textBoxFields = {
  x_percent: percent.default(5).meta({ title: 'Left', control: 'number', unit: '%', place: 'inspector' }),
  y_percent: percent.default(5).meta({ title: 'Top', control: 'number', unit: '%', place: 'inspector' }),
  width_percent: boxSide.default(90).meta({ title: 'Width', control: 'number', unit: '%', place: 'inspector' }),
  height_percent: boxSide.default(90).meta({ title: 'Height', control: 'number', unit: '%', place: 'inspector' }),
};

/** A text that is drawn; empty: none. */
export const drawnTextField = z
  .string()
  .max(maxTextLength, `Up to ${maxTextLength} characters are drawn. Shorten the text.`)
  .default('')
  .meta({ title: 'Text', control: 'textarea' });

/** Refuses a text that came along an edge and is too long to be drawn. Throws NODE_DATA_INVALID. */
export function requireDrawable(text: string): void {
  if (text.length <= maxTextLength) return;
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `The text has ${text.length} characters; up to ${maxTextLength} are drawn. Shorten it.`,
    { details: { field: 'text', found: text.length } },
  );
}

/** One of the bundled fonts. */
export const fontField = z
  .enum(fontFamilies)
  .default('sans')
  .meta({
    title: 'Font',
    control: 'select',
    place: 'inspector',
    labels: { sans: 'Sans', serif: 'Serif', mono: 'Monospace', condensed: 'Condensed' },
  });

/** How a text looks. The node shows its size and color, the inspector all of it. */
export const textStyleFields = {
  size: z.number().gt(0).max(100).default(8).meta({
    title: 'Font size',
    control: 'number',
    unit: '%',
    description: 'Of the height of the image.',
  }),
  color: colorSchema.default('#ffffff').meta({ title: 'Color', control: 'color' }),
  family: fontField,
  bold: z.boolean().default(true).meta({ title: 'Bold', control: 'switch', place: 'inspector' }),
  italic: z.boolean().default(false).meta({ title: 'Italic', control: 'switch', place: 'inspector' }),
  sizing: z
    .enum(['shrink', 'fill', 'fixed'])
    .default('shrink')
    .meta({
      title: 'Long text',
      control: 'select',
      place: 'inspector',
      labels: { shrink: 'Shrink to fit the box', fill: 'As large as the box allows', fixed: 'Keep the size' },
    }),
  align: z
    .enum(['left', 'center', 'right'])
    .default('center')
    .meta({
      title: 'Align',
      control: 'select',
      place: 'inspector',
      labels: { left: 'Left', center: 'Center', right: 'Right' },
    }),
  vertical: z
    .enum(['top', 'middle', 'bottom'])
    .default('bottom')
    .meta({
      title: 'Vertical align',
      control: 'select',
      place: 'inspector',
      labels: { top: 'Top', middle: 'Middle', bottom: 'Bottom' },
    }),
  lineSpacing: z.number().min(0.5).max(4).default(1).meta({
    title: 'Line spacing',
    control: 'number',
    step: 0.1,
    place: 'inspector',
  }),
  outline: z.number().min(0).max(50).default(8).meta({
    title: 'Outline',
    control: 'number',
    unit: '%',
    place: 'inspector',
    description: 'Of the font size; 0 is none.',
  }),
  outlineColor: colorSchema.default('#000000').meta({ title: 'Outline color', control: 'color', place: 'inspector' }),
  background: z
    .enum(['none', 'text', 'box'])
    .default('none')
    .meta({
      title: 'Background',
      control: 'select',
      place: 'inspector',
      labels: { none: 'None', text: 'Behind the text', box: 'The whole box' },
    }),
  backgroundColor: colorSchema.default('#000000b0').meta({
    title: 'Background color',
    control: 'color',
    place: 'inspector',
    shownWhen: { field: 'background', values: ['text', 'box'] },
    description: '#rrggbbaa is partly transparent.',
  }),
  padding: z
    .number()
    .min(0)
    .max(400)
    .default(40)
    .meta({
      title: 'Padding',
      control: 'number',
      unit: '%',
      place: 'inspector',
      shownWhen: { field: 'background', values: ['text', 'box'] },
      description: 'Of the font size.',
    }),
};

/** How a text is drawn; lengths are shares of the picture, 0 to 1, but where something else is said. */
export const textStyleSchema = z.object({
  family: z.enum(fontFamilies),
  isBold: z.boolean(),
  isItalic: z.boolean(),
  /** Of the height of the picture. */
  size: z.number().positive(),
  sizing: z.enum(['fixed', 'shrink', 'fill']),
  lineSpacing: z.number().min(0.5).max(4),
  align: z.enum(['left', 'center', 'right']),
  place: z.enum(['top', 'middle', 'bottom']),
  color: colorSchema,
  /** Around each letter, of the font size; 0: none. */
  outline: z.number().min(0).max(1),
  outlineColor: colorSchema,
  background: z.enum(['none', 'text', 'box']),
  backgroundColor: colorSchema,
  /** Of the font size. */
  padding: z.number().min(0).max(4),
});

const boxSchema = z.object(textBoxFields);
const styleSchema = z.object(textStyleFields);

/** The box of these fields in shares of the picture. */
export function textBoxOf(config: z.output<typeof boxSchema>) {
  return {
    x: config.x_percent / 100,
    y: config.y_percent / 100,
    width: config.width_percent / 100,
    height: config.height_percent / 100,
  };
}

/** The style of these fields, as operations take it. */
export function textStyleOf(config: z.output<typeof styleSchema>) {
  const { family, sizing, lineSpacing, align, color, outlineColor, background, backgroundColor } = config;
  return {
    ...{ family, sizing, lineSpacing, align, color, outlineColor, background, backgroundColor },
    isBold: config.bold,
    isItalic: config.italic,
    size: config.size / 100,
    place: config.vertical,
    outline: config.outline / 100,
    padding: config.padding / 100,
  };
}
