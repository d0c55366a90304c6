import { z } from 'zod';
import { anchorSchema } from './image-fields.ts';

/** How the colors of a layer and of what lies below it become one (W3C Compositing and Blending). */
export const blendModes = [
  'normal',
  'multiply',
  'screen',
  'overlay',
  'darken',
  'lighten',
  'color-dodge',
  'color-burn',
  'hard-light',
  'soft-light',
  'difference',
  'exclusion',
  'add',
] as const;

/** What a mask is read from: how light it is, or how opaque. */
export const maskSources = ['brightness', 'alpha'] as const;

/** Larger than the base by more than this is no layer any more. */
const largest = 1_000;

/** How an image lies on another one: lengths in percent of that one, offsets to the right and down. */
export const layerShape = {
  anchor: anchorSchema.default('center'),
  x: z.number().min(-largest).max(largest).default(0),
  y: z.number().min(-largest).max(largest).default(0),
  /** One side takes the other along; without both it has the pixels it has. */
  width: z.number().gt(0).max(largest).nullable().default(null),
  height: z.number().gt(0).max(largest).nullable().default(null),
  /** Degrees, clockwise around its middle. */
  rotation: z.number().min(-360).max(360).default(0),
  /** 0 to 100. */
  opacity: z.number().min(0).max(100).default(100),
  blend: z.enum(blendModes).default('normal'),
};
