import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Batch } from '../../core/api/batches.ts';
import { inputTypesOf, readRows, type Row } from '../../core/batches/read-rows.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { invalid } from '../run/inputs.ts';
import { idOf } from './versions.ts';

interface BatchesOptions {
  /** The id of a workflow, or the slug of a published one. */
  readonly workflow: string;
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of the workspace that files are uploaded to; default: that of the key. */
  readonly workspace?: string | undefined;
  readonly print: (text: string) => void;
}

/** What `heddle batch` is asked for. */
export interface BatchOptions extends BatchesOptions {
  /** One table or file of JSON lines, or many files of which each is a row. */
  readonly files: readonly string[];
  /** The input that each of many files is for; undefined: the only one that takes a file. */
  readonly input: string | undefined;
  readonly name: string | undefined;
  /** Runs under way at once at most; undefined: as the server does. */
  readonly window: number | undefined;
  /** Where the table of results is saved, or the archive with all files where it ends with `.zip`. */
  readonly out: string;
  /** Prints what it would cost and take, and starts nothing. */
  readonly isEstimate: boolean;
  /** Does not wait for its end. */
  readonly isDetached: boolean;
  readonly say: (text: string) => void;
  /** Milliseconds between two looks. */
  readonly pollMs?: number;
}

/** What is done to one of the batches. */
export type BatchAct = 'pause' | 'resume' | 'cancel' | 'retry' | 'delete';

const defaultPollMs = 1_000;

/**
 * `heddle batch`: runs a workflow once for each row, follows it to its end and saves the results. Returns 0 when every row
 * completed, else 1. A batch goes on where this program ends before it.
 */
export async function runBatch(options: BatchOptions): Promise<number> {
  const api = createApiClient(options);
  const { print, say, out } = options;
  const workflowId = await idOf(api, options.workflow);
  const rows = await rowsOf(api, workflowId, options);
  const body = { rows: [...rows], name: options.name, window: options.window };
  if (options.isEstimate) {
    const estimate = await api.estimateBatch(workflowId, body);
    print(`${estimate.total} rows, ${dollarsOf(estimate.costUsd)}, ${timeOf(estimate.seconds)}`);
    for (const { message } of estimate.findings) print(message);
    return estimate.findings.length === 0 ? 0 : 1;
  }
  let batch = await api.createBatch(workflowId, randomUUID(), body);
  print(batch.id);
  if (options.isDetached) return 0;
  for (let shown = ''; batch.finishedAt === null; batch = await api.readBatch(batch.id)) {
    const words = wordsOf(batch);
    if (words !== shown) say(words);
    shown = words;
    if (batch.status === 'paused') return 1;
    await sleep(options.pollMs ?? defaultPollMs);
  }
  say(wordsOf(batch));
  await mkdir(dirname(out), { recursive: true });
  await writeFile(
    out,
    await api.download(`/api/batches/${batch.id}/export?format=${/\.zip$/i.test(out) ? 'zip' : 'csv'}`),
  );
  print(out);
  return batch.done === batch.total ? 0 : 1;
}

/** `heddle batches`: lists the batches of a workflow; with an act, does that to one of them first. */
export async function listBatches(
  options: BatchesOptions & { readonly act: { readonly kind: BatchAct; readonly id: string } | null },
): Promise<void> {
  const api = createApiClient(options);
  const { print, act } = options;
  const workflowId = await idOf(api, options.workflow);
  if (act !== null) {
    const { id } = findByEnd(await api.listBatches(workflowId), act.id);
    if (act.kind === 'delete') await api.deleteBatch(id);
    else await api.changeBatch(id, act.kind);
  }
  const batches = await api.listBatches(workflowId);
  if (batches.length === 0) print('The workflow has no batches.');
  for (const batch of batches) print(`${batch.id.slice(-shownCharacters)}  ${batch.name ?? '-'}  ${wordsOf(batch)}`);
}

async function rowsOf(api: ApiClient, workflowId: number, { files, input }: BatchOptions): Promise<readonly Row[]> {
  const { inputs } = await api.readInterface(workflowId);
  const [only = '', second] = files;
  if (second === undefined && input === undefined && /\.(?:csv|tsv|jsonl|ndjson|json)$/i.test(only)) {
    const text = await readFile(only, 'utf8').catch((cause: unknown) => {
      throw Object.assign(invalid(`${only} cannot be read. Check the path.`), { cause });
    });
    return readRows(only, text, inputTypesOf(inputs));
  }
  const name = input ?? fileInputOf(inputs);
  const rows: Row[] = [];
  for (const file of files) rows.push({ [name]: (await api.upload(file)).id });
  return rows;
}

const fileInputsSchema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ control: z.string().optional() })).optional(),
});

function fileInputOf(inputs: Readonly<Record<string, unknown>>): string {
  const { properties = {} } = fileInputsSchema.parse(inputs);
  const names = Object.entries(properties).flatMap(([name, { control }]) => (control === 'file' ? [name] : []));
  const [only, second] = names;
  if (only !== undefined && second === undefined) return only;
  throw invalid(
    only === undefined
      ? 'The workflow has no input that takes a file. Give a table (.csv) or JSON lines (.jsonl).'
      : `The files could be for ${names.join(', ')}. Name one with --input.`,
  );
}

/** The ids of batches that were made one after another begin alike: the end tells them apart. */
const shownCharacters = 8;

function findByEnd(batches: readonly Batch[], end: string): Batch {
  const found = batches.filter(({ id }) => end !== '' && id.endsWith(end));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw invalid(
    only === undefined
      ? `The workflow has no batch "${end}". "heddle batches" lists them.`
      : `${found.length} batches end with "${end}". Give more of the id.`,
  );
}

function wordsOf(batch: Batch): string {
  const { status, done, failed, cancelled, total, costUsd, secondsLeft, pausedReason } = batch;
  const parts = [`${status}: ${done} of ${total} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (cancelled > 0) parts.push(`${cancelled} canceled`);
  if (costUsd !== null) parts.push(dollarsOf(costUsd));
  if (status === 'running' && secondsLeft !== null) parts.push(`${timeOf(secondsLeft)} left`);
  return `${parts.join(', ')}${pausedReason === null ? '' : `. ${pausedReason}`}`;
}

function dollarsOf(costUsd: number | null): string {
  return costUsd === null ? 'cost unknown' : `$${costUsd.toFixed(2)}`;
}

function timeOf(seconds: number | null): string {
  if (seconds === null) return 'time unknown';
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5_400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
