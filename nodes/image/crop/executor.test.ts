import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { mediaPath } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { rasterOf, writePng } from '../../../testing/pixels.ts';
import { cropImageNode } from './definition.ts';
import { cropImageExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

/** 20 x 10; each pixel says where it is. */
async function cropped(data: object, inputs: NodeInputs = {}) {
  const file = await writePng(mediaPath('places.png'), 20, 10, (x, y) => [x * 10, y * 10, 0]);
  const { output } = await runs.run(cropImageExecutor, data, { image_url: await runs.assetOf(file), ...inputs });
  const image = await rasterOf(await runs.fileOf(output));
  const [red, green] = image.at(0, 0);
  return [red / 10, green / 10, image.width, image.height];
}

test.each([
  ['percent', { x_percent: 50, y_percent: 20, width_percent: 25, height_percent: 50 }, [10, 2, 5, 5]],
  ['pixels', { by: 'pixels', x_px: 3, y_px: 4, width_px: 6, height_px: 2 }, [3, 4, 6, 2]],
  ['pixels beyond the edge', { by: 'pixels', x_px: 15, y_px: 4, width_px: 60, height_px: 60 }, [15, 4, 5, 6]],
  ['a square in the middle', { by: 'shape', aspect: '1:1' }, [5, 0, 10, 10]],
  ['a square at the right', { by: 'shape', aspect: '1:1', anchor: 'right' }, [10, 0, 10, 10]],
  ['an upright shape', { by: 'shape', aspect: ' 1 : 2 ', anchor: 'left' }, [0, 0, 5, 10]],
  ['a wide shape', { by: 'shape', aspect: '4:1', anchor: 'bottom' }, [0, 5, 20, 5]],
  ['a shape with a fraction', { by: 'shape', aspect: '2.5:1', anchor: 'top' }, [0, 0, 20, 8]],
])('%s', async (_, data, expected) => {
  expect(await cropped(data)).toEqual(expected);
});

describe('a box that comes in', () => {
  test.each([
    [{ x: 50, y: 20, width: 25, height: 50 }, [10, 2, 5, 5]],
    [{ x: 3, y: 4, width: 6, height: 2, unit: 'px' }, [3, 4, 6, 2]],
    [{ box: { x: 0, y: 0, width: 50, height: 100 }, ssim: 0.9 }, [0, 0, 10, 10]],
    [
      [50, 0, 50, 50],
      [10, 0, 10, 5],
    ],
    ['{"x": 50, "y": 0, "width": 50, "height": 50}', [10, 0, 10, 5]],
  ])('%j wins over the fields', async (box, expected) => {
    expect(await cropped({ by: 'shape' }, { box })).toEqual(expected);
  });

  test.each([[{ x: 1 }], [[1, 2, 3]], [5], [{ box: null }]])('%j is none, and that is said', async (box) => {
    await expect(cropped({}, { box })).rejects.toMatchObject({ code: 'CROP_BOX_INVALID' });
  });

  test('without an area within the image is refused', async () => {
    const box = { x: 30, y: 0, width: 5, height: 5, unit: 'px' };
    await expect(cropped({}, { box })).rejects.toMatchObject({
      code: 'CROP_BOX_INVALID',
      message:
        'The crop box (5 × 5 at 30, 0) has no area within the image of 20 × 10 pixels. Move the box into the image.',
    });
  });
});

test.each(['16', '0:1', '1:0', 'a:b', '16:9:4', ''])('"%s" is no aspect ratio', (aspect) => {
  expect(cropImageNode.configSchema.safeParse({ by: 'shape', aspect }).success).toBe(false);
});
