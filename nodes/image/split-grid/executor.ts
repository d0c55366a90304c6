import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { requiredFile } from '../../../core/node-type/required-files.ts';
import type { AssetReference } from '../../../core/node-type/values.ts';
import { cropImage } from '../../../media/operations/crop-image.ts';
import { splitGridNode } from './definition.ts';

/** Throws INPUT_MISSING, TYPE_MISMATCH, NODE_DATA_INVALID where there are more tiles than pixels, and IMAGE_*. */
export const splitGridExecutor = defineExecutor(splitGridNode, async (context) => {
  const { config, assets, media, signal, progress } = context;
  const { columns, rows } = config;
  const { asset, path: input } = await requiredFile(context, 'image', 'image');
  const { width = 0, height = 0 } = asset;
  if (width < columns || height < rows) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `The image has ${width} × ${height} pixels, which are too few for ${columns} columns and ${rows} rows. Choose fewer of them.`,
      { details: { field: width < columns ? 'columns' : 'rows' } },
    );
  }
  const tiles: AssetReference[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x, y] = [edgeAt(column, columns, width), edgeAt(row, rows, height)];
      const area = {
        unit: 'px' as const,
        x,
        y,
        width: edgeAt(column + 1, columns, width) - x,
        height: edgeAt(row + 1, rows, height) - y,
      };
      const output = join(assets.workDir, `tile-${tiles.length}`);
      await media.run(cropImage, { input, output, area, signal });
      const name = `tile ${String(tiles.length + 1).padStart(String(columns * rows).length, '0')}`;
      tiles.push(await assets.save(output, { name, kind: 'image' }));
      progress(Math.floor((100 * tiles.length) / (columns * rows)));
    }
  }
  return { output: tiles };
});

/** In pixels: where the tile of that number begins. */
function edgeAt(index: number, count: number, size: number): number {
  return Math.round((index * size) / count);
}
