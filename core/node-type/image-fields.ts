import { z } from 'zod';

/** Where something lies in a box, or which part is kept of something larger than its box. */
export const anchors = [
  'center',
  'top',
  'bottom',
  'left',
  'right',
  'top left',
  'top right',
  'bottom left',
  'bottom right',
] as const;
/** One of the anchors; no default. */
export const anchorSchema = z.enum(anchors);
export type Anchor = z.infer<typeof anchorSchema>;

/** `#rrggbb`, or `#rrggbbaa` where it is partly transparent. */
export const colorSchema = z
  .string()
  .regex(/^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/i, 'This is not a color. Write it as #rrggbb, or #rrggbbaa.');

/** What the options of an anchor are called in a form. */
export const anchorLabels: Readonly<Record<Anchor, string>> = {
  center: 'Center',
  top: 'Top',
  bottom: 'Bottom',
  left: 'Left',
  right: 'Right',
  'top left': 'Top left',
  'top right': 'Top right',
  'bottom left': 'Bottom left',
  'bottom right': 'Bottom right',
};
