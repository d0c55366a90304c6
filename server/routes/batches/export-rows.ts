import type { Readable } from 'node:stream';
import { makeZip } from 'client-zip';
import { assetIdOf } from '../../../core/api/assets.ts';
import { nameFrom, stemOfName } from '../../../core/run/source-names.ts';
import type { AssetContent } from '../../../assets/asset-store.ts';
import { csvLine } from '../../../core/batches/write-csv.ts';
import { extensionOf } from '../../../core/data-types/files.ts';
import {
  isAssetReference,
  isStoredList,
  type AssetReference,
  type OutputValue,
  type StoredList,
} from '../../../core/node-type/values.ts';
import type { BatchRow } from '../../../core/api/batches.ts';

/** What a table of rows is made of. */
export interface RowTable {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** In their order, a page at a time. */
  readonly rows: AsyncIterable<BatchRow>;
}

type CellOfFile = (file: AssetReference, row: BatchRow, output: string, index: number) => string;

/** The lines of a CSV file: the inputs and outputs of each row and what came of it. `cellOf`: what stands for a file. */
export async function* csvOf({ inputs, outputs, rows }: RowTable, cellOf: CellOfFile): AsyncGenerator<string> {
  const about = ['status', 'error', 'cost_usd', 'duration_ms', 'run'];
  yield csvLine([
    'row',
    ...inputs.map((name) => `input.${name}`),
    ...outputs.map((name) => `output.${name}`),
    ...about,
  ]);
  for await (const row of rows) {
    const { number, status, error, costUsd, durationMs, runId } = row;
    yield csvLine([
      number,
      ...inputs.map((name) => row.inputs[name]),
      ...outputs.map((name) => withFiles(row.outputs[name], (file, index) => cellOf(file, row, name, index))),
      ...[status, error, costUsd, durationMs, runId],
    ]);
  }
}

/** Rows with the lists of files in their place that lie in a file: each of them is a file of the archive. */
export async function* withLists(
  rows: AsyncIterable<BatchRow>,
  read: (list: StoredList) => Promise<OutputValue>,
): AsyncGenerator<BatchRow> {
  for await (const row of rows) {
    const outputs: [string, unknown][] = [];
    for (const [name, value] of Object.entries(row.outputs)) {
      const isOfFiles = isStoredList(value) && value.preview.some(isAssetReference);
      outputs.push([name, isOfFiles ? await read(value) : value]);
    }
    yield { ...row, outputs: Object.fromEntries(outputs) };
  }
}

/** A value with text in the place of each file, in lists too. */
function withFiles(value: unknown, cellOf: (file: AssetReference, index: number) => string): unknown {
  if (isAssetReference(value)) return cellOf(value, 0);
  if (!Array.isArray(value)) return value;
  const cells = value.map((item, index) => (isAssetReference(item) ? cellOf(item, index) : item));
  return cells.every((cell) => typeof cell === 'string') ? cells.join(' ') : cells;
}

/** `00007/picture.png`, `00007/beach-picture.png` of a row with one file, and `00007/pictures 2.png` for those after the first of a list. */
function pathOf(
  { file, row, output, index }: { file: AssetReference; row: BatchRow; output: string; index: number },
  source: string | null,
): string {
  const extension = extensionOf(file.mimeType);
  const name = source === null ? output : nameFrom(source, output);
  return `${String(row.number).padStart(5, '0')}/${name}${index === 0 ? '' : ` ${index + 1}`}.${extension}`;
}

const idPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The id of the file that a row has among its inputs; null where it has none, or several. */
function fileOf({ inputs }: BatchRow): string | null {
  const ids = Object.values(inputs).flatMap((value) => {
    if (typeof value !== 'string') return [];
    return idPattern.test(value) ? value : (assetIdOf(value) ?? []);
  });
  return ids.length === 1 ? ids[0]! : null;
}

/**
 * A zip archive of the files that rows put out, each in the folder of its row, and `results.csv` with everything else.
 * Files are read one after another, and are named after the file that their row was given. `contentOf` and `nameOf`: null where a
 * file was deleted since.
 */
export function zipOf(
  table: RowTable,
  options: {
    readonly contentOf: (assetId: string) => Promise<AssetContent | null>;
    readonly nameOf: (assetId: string) => Promise<string | null>;
    readonly now: () => Date;
  },
): AsyncIterable<Uint8Array> {
  const lines: string[] = [];
  const sources = new Map<number, string | null>();
  async function* withSources() {
    for await (const row of table.rows) {
      const id = fileOf(row);
      const name = id === null ? null : await options.nameOf(id);
      sources.clear();
      sources.set(row.number, name === null ? null : stemOfName(name));
      yield row;
    }
  }
  async function* files() {
    const lastModified = options.now();
    const found: { readonly file: AssetReference; readonly name: string }[] = [];
    for await (const line of csvOf({ ...table, rows: withSources() }, (file, row, output, index) => {
      const name = pathOf({ file, row, output, index }, sources.get(row.number) ?? null);
      found.push({ file, name });
      return name;
    })) {
      lines.push(line);
      for (const { file, name } of found.splice(0)) {
        const content = await options.contentOf(file.assetId);
        if (content !== null) yield { name, lastModified, input: bytesOf(await content.open()) };
      }
    }
    yield { name: 'results.csv', lastModified, input: lines.join('') };
  }
  return makeZip(files()) as unknown as AsyncIterable<Uint8Array>;
}

async function* bytesOf(stream: Readable): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of stream) yield chunk as Uint8Array<ArrayBuffer>;
}
