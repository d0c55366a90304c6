import { join } from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { jsonInput, requireAssetInput } from '../../../core/node-type/inputs.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { cropImage, type CropArea } from '../../../media/operations/crop-image.ts';
import { aspectPattern, cropImageNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, CROP_BOX_INVALID, and IMAGE_* where the image cannot be processed. */
export const cropImageExecutor = defineExecutor(cropImageNode, async (context) => {
  const { config, inputs, assets, media, signal } = context;
  const image = await requireAssetInput(context, 'image_url', 'image');
  const box = jsonInput(inputs, 'box');
  const area = box === undefined ? areaOf(config) : areaIn(box);
  const output = join(assets.workDir, 'cropped');
  await media.run(cropImage, { input: await assets.localFile(image), output, area, signal });
  return { output: await assets.save(output, { name: 'cropped', kind: 'image' }) };
});

function areaOf(config: z.output<typeof cropImageNode.configSchema>): CropArea {
  switch (config.by) {
    case 'percent': {
      const { x_percent: x, y_percent: y, width_percent: width, height_percent: height } = config;
      return { unit: 'percent', x, y, width, height };
    }
    case 'pixels': {
      const { x_px: x, y_px: y, width_px: width, height_px: height } = config;
      return { unit: 'px', x, y, width, height };
    }
    case 'shape': {
      const [, width, height] = aspectPattern.exec(config.aspect) ?? [];
      return { unit: 'shape', ratio: Number(width) / Number(height), anchor: config.anchor };
    }
  }
}

const boxSchema = z.object({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  unit: z.enum(['percent', 'px']).default('percent'),
});

/** The box that other nodes and models name: itself, or in a field `box`; as an object, or as a list of four numbers. */
function areaIn(value: JsonValue): CropArea {
  const inner =
    typeof value === 'object' && value !== null && !Array.isArray(value) && 'box' in value ? value['box'] : value;
  const [x, y, width, height] = Array.isArray(inner) ? inner : [];
  const read = boxSchema.safeParse(Array.isArray(inner) ? { x, y, width, height } : inner);
  if (read.success) return read.data;
  throw new TerminalError(
    'CROP_BOX_INVALID',
    'What is connected to the input "box" is not a box. Connect { "x", "y", "width", "height" } in percent, or with "unit": "px".',
    { details: { handle: 'box' } },
  );
}
