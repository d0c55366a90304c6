import { z } from 'zod';
import type { InputHandle, NodeHandles } from '../../../core/node-type/definition.ts';

/** As much of a layer as its inputs follow from. */
export const namedLayerSchema = z.object({
  /** Edges name it, so it stays when the layer is renamed or moved. */
  id: z.string().regex(/^layer_[a-z]{1,2}$/),
  name: z.string().max(255).default(''),
  mask: z.enum(['none', 'brightness', 'alpha']).default('none'),
});

/** What the handles follow from. */
export const shapeOfLayers = z.object({ layers: z.array(namedLayerSchema).default([]) });

/** The base, then each layer, and after it its mask where it has one. */
export function handlesOfLayers({ layers }: z.output<typeof shapeOfLayers>): NodeHandles {
  const inputs = layers.flatMap(({ id, name, mask }, index): InputHandle[] => {
    const title = name.trim() === '' ? `Layer ${index + 1}` : name;
    // A layer that a branch left out is left out here, too.
    const layer: InputHandle = { id, title, dataType: 'image', required: true, carries: false };
    return mask === 'none' ? [layer] : [layer, { ...layer, id: `${id}_mask`, title: `${title}: mask` }];
  });
  return {
    inputs: [{ id: 'base', title: 'Base', dataType: 'image', required: true }, ...inputs],
    outputs: [{ id: 'output', title: 'Composed image', dataType: 'image' }],
  };
}
