import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { layerShape } from '../../../core/node-type/layer-fields.ts';
import { handlesOfLayers, namedLayerSchema, shapeOfLayers } from './handles.ts';

const layerSchema = namedLayerSchema.extend({ ...layerShape, isMaskInverted: z.boolean().default(false) });

/** More than anybody tells apart. */
const maxLayers = 20;

const layersSchema = z
  .array(layerSchema)
  .max(maxLayers, `An image has at most ${maxLayers} layers`)
  .refine((layers) => new Set(layers.map(({ id }) => id)).size === layers.length, 'Give each layer an id of its own');

const fresh = { layers: [{ id: 'layer_a' }] };

/** Images on an image, the last of them on top. Each layer has an input of its own, and one for its mask. */
export const composeImagesNode = defineNode({
  type: 'composeImages',
  version: 1,
  title: 'Compose images',
  description: 'Lays images over one another: placed, resized, turned, blended, masked.',
  category: 'image',
  keywords: [
    'layers',
    'overlay',
    'collage',
    'composite',
    'blend',
    'mask',
    'logo',
    'picture in picture',
    'stamp',
    'merge images',
  ],
  icon: 'layers',
  ...handlesOfLayers(shapeOfLayers.parse(fresh)),
  handles: handlesOfLayers,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    layers: layersSchema.default([]).meta({ title: 'Layers', control: 'json' }),
  }),
  defaults: { label: 'Compose images', ...fresh },
  look: { height: 584, picture: { input: 'base' }, shape: [{ like: 'base' }] },
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
