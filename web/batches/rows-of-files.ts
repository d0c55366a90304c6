import { z } from 'zod';
import type { Asset } from '../../core/api/assets.ts';
import { inputTypesOf, readRows, type Row } from '../../core/batches/read-rows.ts';

const tablePattern = /\.(?:csv|tsv|jsonl|ndjson|json)$/i;

const propertiesSchema = z.record(z.string(), z.looseObject({ control: z.string().optional() }));

/** The inputs of a workflow that take a file, by name. */
export function fileInputsOf(inputs: Readonly<Record<string, unknown>>): readonly string[] {
  const properties = propertiesSchema.parse(inputs['properties'] ?? {});
  return Object.entries(properties).flatMap(([name, { control }]) => (control === 'file' ? [name] : []));
}

/** Whether dropped files are a table of rows: a single one that is no file for the workflow itself. */
export function isTable(files: readonly File[]): boolean {
  return files.length === 1 && tablePattern.test(files[0]!.name);
}

/** The rows of a table or of JSON lines. Throws with what is wrong in words. */
export async function rowsOfTable(file: File, inputs: Readonly<Record<string, unknown>>): Promise<readonly Row[]> {
  return readRows(file.name, await file.text(), inputTypesOf(inputs));
}

/** Files that are sent at once. */
const uploadsAtOnce = 3;

/** A row for each file, which is uploaded for an input. Throws as the first upload that fails does. */
export async function rowsOfUploads(
  files: readonly File[],
  input: string,
  options: {
    readonly upload: (file: File, signal: AbortSignal) => Promise<Asset>;
    readonly signal: AbortSignal;
    readonly onUploaded: (count: number) => void;
  },
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  let [next, done] = [0, 0];
  const send = async () => {
    for (let index = next++; index < files.length; index = next++) {
      signal.throwIfAborted();
      rows[index] = { [input]: (await options.upload(files[index]!, signal)).id };
      options.onUploaded((done += 1));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(uploadsAtOnce, files.length) }, send));
  } catch (error) {
    stop.abort();
    throw error;
  }
  return rows;
}
