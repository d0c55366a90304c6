import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { keyOf, labelOf } from '../core/graph/elements.ts';
import { TerminalError } from '../core/errors/app-error.ts';
import { isStoredDeep, StoredElement } from '../core/node-type/stored-element.ts';
import {
  assetsIn,
  isStoredList,
  storedListsIn,
  storedListType,
  type NodeInputs,
  type NodeOutputs,
  type OutputValue,
  type StoredList,
} from '../core/node-type/values.ts';
import type { AssetRow, AssetRows } from './asset-rows.ts';
import type { AssetService } from './asset-service.ts';
import type { AssetStore } from './asset-store.ts';
import { contentKey } from './blob-key.ts';
import { linesOf } from './lines-of.ts';
import { createListFile, type ListFile } from './list-file.ts';
import type { WorkDirs } from './work-dirs.ts';

/** Whose lists these are: of a run, or of a part of one. */
export interface ListOwner {
  readonly userId: string;
  readonly runId: string;
}

/** Takes a list one element after another; in memory as long as it fits a row. */
export interface ListWriter {
  readonly length: number;
  /** Throws NODE_OUTPUT_TOO_LARGE. */
  push(value: OutputValue): Promise<void>;
  /** The list, or what stands for it. Throws STORAGE_FULL. */
  end(): Promise<OutputValue>;
  /** Removes what was not kept. To be called in every case. */
  dispose(): Promise<void>;
}

/** Lists that are too large for a row: written into files of their runs, and read from them. */
export interface StoredLists {
  /**
   * Outputs that fit a row of so many bytes of JSON: what makes them larger are lists, which lie in files then, the largest
   * first. Throws NODE_OUTPUT_TOO_LARGE where that is not enough, STORAGE_FULL.
   */
  keep(owner: ListOwner, outputs: NodeOutputs, maxBytes: number): Promise<NodeOutputs>;
  writer(owner: ListOwner, maxBytes: number): ListWriter;
  /** A value with every list of it in memory. Throws ASSET_NOT_FOUND. */
  read(userId: string, value: OutputValue): Promise<OutputValue>;
  /** The same of all inputs of a node. */
  readAll(userId: string, inputs: NodeInputs): Promise<NodeInputs>;
  /** The elements of a list, those that are more than a few characters as what stands for them. */
  index(userId: string, list: StoredList): Promise<OutputValue[]>;
  /** Reads one element. Nested lists are as they are. */
  element(of: StoredElement): Promise<OutputValue>;
  /** Elements one after another. Throws ASSET_NOT_FOUND. */
  elements(userId: string, list: StoredList): AsyncIterable<OutputValue>;
  /** Whether the list is there, and a row for each file in it; their bytes are not looked for. */
  isWhole(userId: string, list: StoredList): Promise<boolean>;
  /** Lets a run hold the lists in outputs that were made in another one; false: one of them is gone. */
  hold(owner: ListOwner, outputs: NodeOutputs): Promise<boolean>;
}

interface StoredListsDependencies {
  readonly assets: Pick<AssetService, 'find' | 'content' | 'keepList'>;
  readonly rows: Pick<AssetRows, 'holdLists' | 'findAll'>;
  readonly store: Pick<AssetStore, 'open'>;
  readonly workDirs: WorkDirs;
}

/** Lists that nodes took whole, kept parsed: bytes of their files. A larger one is read each time. */
const maxKeptBytes = 16 * 1_048_576;
/** Elements are read in pieces of this size, as those after them are asked for next. */
const blockBytes = 262_144;
const maxBlocks = 32;
/** Files that are looked for by one statement. */
const idsAtOnce = 1_000;
/** Values of so many characters of JSON are no larger than what would stand for them. */
const maxLiteral = 40;

const sha256 = (text: string) => hash('sha256', text);
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** One for all of a process; nothing has to be started or stopped. */
export function createStoredLists({ assets, rows, store, workDirs }: StoredListsDependencies): StoredLists {
  const whole = new LRUCache<string, OutputValue[]>({ maxSize: maxKeptBytes });
  const blocks = new LRUCache<string, Promise<Buffer>>({ max: maxBlocks });

  /** The file of a list, by its row: what a value says of it may come from anywhere. Throws ASSET_NOT_FOUND. */
  async function fileOf(userId: string, { assetId, sha256: digest }: StoredList): Promise<AssetRow> {
    const row = await assets.find({ workspaceId: userId }, assetId);
    if (row.mimeType === storedListType && row.sha256 === digest) return row;
    throw new TerminalError(
      'ASSET_NOT_FOUND',
      `The asset ${assetId} is no list of a run. Run the nodes before this one.`,
    );
  }

  async function* lines(row: AssetRow) {
    const content = await assets.content(row);
    yield* linesOf(await content.open());
  }

  async function* elements(userId: string, list: StoredList): AsyncGenerator<OutputValue> {
    for await (const { text } of lines(await fileOf(userId, list))) yield JSON.parse(text) as OutputValue;
  }

  async function readList(userId: string, list: StoredList): Promise<OutputValue[]> {
    const name = `${userId} ${list.assetId}`;
    const known = whole.get(name);
    if (known !== undefined) return [...known];
    const values: OutputValue[] = [];
    for await (const value of elements(userId, list)) values.push(value);
    if (list.bytes > 0 && list.bytes <= maxKeptBytes) whole.set(name, values, { size: list.bytes });
    return [...values];
  }

  async function read(userId: string, value: OutputValue): Promise<OutputValue> {
    if (isStoredList(value)) return readList(userId, value);
    if (value instanceof StoredElement) return element(value);
    if (!Array.isArray(value) || !isStoredDeep(value)) return value;
    const values: OutputValue[] = [];
    for (const item of value) values.push(await read(userId, item));
    return values as OutputValue;
  }

  function blockOf(digest: string, number: number): Promise<Buffer> {
    const name = `${digest} ${number}`;
    const known = blocks.get(name);
    if (known !== undefined) return known;
    const start = number * blockBytes;
    const reading = readRange(store, digest, { start, end: start + blockBytes - 1 });
    blocks.set(name, reading);
    reading.catch(() => blocks.delete(name));
    return reading;
  }

  async function element({ sha256: digest, start, end }: StoredElement): Promise<OutputValue> {
    const first = Math.floor(start / blockBytes);
    const pieces: Buffer[] = [];
    for (let number = first; number * blockBytes < end; number += 1) pieces.push(await blockOf(digest, number));
    const offset = first * blockBytes;
    return JSON.parse(Buffer.concat(pieces).toString('utf8', start - offset, end - offset)) as OutputValue;
  }

  function writer(owner: ListOwner, maxBytes: number): ListWriter {
    let values: OutputValue[] = [];
    let bytes = 0;
    let file: ListFile | null = null;
    const push = async (given: OutputValue) => {
      // A list lies in one file, with the lists in it.
      const value = isStoredDeep(given) ? await read(owner.userId, given) : given;
      if (file !== null) return file.push(value);
      bytes += bytesOf(value) + 1;
      values.push(value);
      if (bytes <= maxBytes) return;
      file = createListFile({ assets, workDirs, owner });
      for (const kept of values) await file.push(kept);
      values = [];
    };
    return {
      get length() {
        return file?.length ?? values.length;
      },
      push,
      end: async () => (file === null ? (values as OutputValue) : file.end()),
      dispose: async () => file?.dispose(),
    };
  }

  return {
    read,
    element,
    elements,
    writer,
    readAll: async (userId, inputs) => {
      const entries: [string, NodeInputs[string]][] = [];
      for (const [name, value] of Object.entries(inputs))
        entries.push([name, await read(userId, value as OutputValue)]);
      return Object.fromEntries(entries);
    },
    index: async (userId, list) => {
      const values: OutputValue[] = [];
      const row = await fileOf(userId, list);
      for await (const { text, start, end } of lines(row)) {
        const value = JSON.parse(text) as OutputValue;
        const isShort = text.length <= maxLiteral && (value === null || typeof value !== 'object');
        values.push(
          isShort
            ? value
            : new StoredElement({
                ...{ sha256: row.sha256, start, end },
                ...{ key: keyOf(value, sha256), label: labelOf(value) },
              }),
        );
      }
      return values;
    },
    keep: async (owner, outputs, maxBytes) => {
      let bytes = bytesOf(outputs);
      if (bytes <= maxBytes) return outputs;
      const kept: Record<string, OutputValue> = { ...outputs };
      const sized = Object.entries(outputs).flatMap(([name, value]) =>
        Array.isArray(value) ? [{ name, value, size: bytesOf(value) }] : [],
      );
      for (const { name, value, size } of sized.toSorted((one, other) => other.size - one.size)) {
        const file = createListFile({ assets, workDirs, owner });
        try {
          for (const item of value) await file.push(isStoredDeep(item) ? await read(owner.userId, item) : item);
          const list = await file.end();
          bytes += bytesOf(list) - size;
          kept[name] = list;
        } finally {
          await file.dispose();
        }
        if (bytes <= maxBytes) return kept;
      }
      throw new TerminalError(
        'NODE_OUTPUT_TOO_LARGE',
        `The output has ${bytes} bytes; the limit is ${maxBytes}. Ask for less, for example by a lower maximum of tokens.`,
        { details: { bytes, limit: maxBytes } },
      );
    },
    isWhole: async (userId, list) => {
      let ids = new Set<string>();
      const areThere = async () => (await rows.findAll({ workspaceId: userId }, [...ids])).size === ids.size;
      for await (const value of elements(userId, list)) {
        for (const id of assetsIn(value)) ids.add(id);
        if (ids.size < idsAtOnce) continue;
        if (!(await areThere())) return false;
        ids = new Set();
      }
      return ids.size === 0 || areThere();
    },
    hold: async (owner, outputs) => {
      const ids = [...new Set(Object.values(outputs).flatMap(storedListsIn))];
      return ids.length === 0 || (await rows.holdLists(owner, ids)) === ids.length;
    },
  };
}

async function readRange(
  store: Pick<AssetStore, 'open'>,
  digest: string,
  range: { readonly start: number; readonly end: number },
): Promise<Buffer> {
  const stream = await store.open(contentKey(digest), range);
  if (stream === null) {
    throw new TerminalError('ASSET_NOT_FOUND', 'The file of a list is gone. Run the nodes before this one again.');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
