import { join } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { elementFiles, valuesBeside, type ElementFile } from '../../../core/node-type/element-files.ts';
import { defineExecutor } from '../../../core/node-type/executor.ts';
import { textInput } from '../../../core/node-type/inputs.ts';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { fitCell } from '../../../media/operations/fit-cell.ts';
import { gridImages } from '../../../media/operations/grid-images.ts';
import { gridImagesNode, maxLabelLength } from './definition.ts';

/** More are no overview, and take longer to read than a node may. */
const maxImages = 400;

/** A cell that follows its images is at most so many times as high as it is wide: one narrow image must not stretch all. */
const mostUpright = 3;

/** The share of the work that is done once all images are read; the rest is putting them on the sheet. */
const readShare = 90;

/** Throws INPUT_MISSING, TYPE_MISMATCH, LIST_LENGTHS_DIFFER, NODE_DATA_INVALID for what cannot be written, and IMAGE_*. */
export const gridImagesExecutor = defineExecutor(gridImagesNode, async (context) => {
  const { config, assets, media, signal, progress } = context;
  const { cellWidth, gap, textSize, textColor, family, fit, background, format } = config;
  const files = await elementFiles(context, 'images', { kind: 'image', most: maxImages, noun: 'images' });
  const labels = labelsOf(files, config, context.inputs);
  const cellHeight = config.cellHeight ?? heightOf(files, cellWidth);
  const cells: { file: string; label: string }[] = [];
  for (const [at, { path: input }] of files.entries()) {
    const file = join(assets.workDir, `cell-${at}`);
    await media.run(fitCell, { input, output: file, width: cellWidth, height: cellHeight, fit, background, signal });
    cells.push({ file, label: labels[at]! });
    progress(Math.floor((readShare * (at + 1)) / files.length));
  }
  const output = join(assets.workDir, 'sheet');
  await media.run(gridImages, {
    ...{ input: cells[0]!.file, output, cells, cellWidth, cellHeight },
    ...{ gap, textSize, textColor, family, background, format },
    columns: config.columns ?? columnsOf(cells.length, cellWidth / cellHeight),
    title: shortEnough(textInput(context.inputs, 'title') ?? config.title, 'title'),
    signal,
  });
  return { output: await assets.save(output, { name: 'grid', kind: 'image' }) };
});

/** The label of each file that is there. */
function labelsOf(
  files: readonly ElementFile[],
  config: { readonly labels: readonly string[]; readonly numbered: boolean },
  inputs: NodeInputs,
): string[] {
  const given = valuesBeside(inputs, 'labels', 'images')?.map((labels) =>
    labels === null ? '' : textInput({ labels }, 'labels')!,
  );
  const last = files.at(-1)!.index;
  if (given === undefined && config.labels.length > last + 1) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      `There are ${config.labels.length} labels for ${last + 1} images. Remove some, or connect more images.`,
      { details: { field: 'labels' } },
    );
  }
  return files.map(({ index }) => {
    const label = shortEnough((given ?? config.labels)[index] ?? '', 'labels');
    return config.numbered ? `${index + 1} ${label}`.trim() : label;
  });
}

function shortEnough(text: string, field: string): string {
  if (text.length <= maxLabelLength) return text;
  throw new TerminalError(
    'NODE_DATA_INVALID',
    `A text on the sheet has ${text.length} characters; up to ${maxLabelLength} are drawn. Shorten it.`,
    { details: { field } },
  );
}

/** As high as the most upright of the images is in that width. */
function heightOf(files: readonly ElementFile[], width: number): number {
  const shapes = files.map(({ asset }) => (asset.height ?? 1) / (asset.width ?? 1));
  return Math.max(1, Math.round(width * Math.min(mostUpright, Math.max(...shapes))));
}

/** Those that make a sheet about as wide as it is high. */
function columnsOf(count: number, shape: number): number {
  return Math.min(count, Math.max(1, Math.round(Math.sqrt(count / shape))));
}
