import { beforeEach, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { StoredElement } from '../core/node-type/stored-element.ts';
import { isStoredList, storedListsIn, type OutputValue, type StoredList } from '../core/node-type/values.ts';
import { createAssetServiceParts, userId } from '../testing/asset-service.ts';
import { linesOf } from './lines-of.ts';
import { createStoredLists, type StoredLists } from './stored-lists.ts';

const maxBytes = 262_144;
const owner = { userId, runId: 'a run' };
const parts = createAssetServiceParts();

let lists: StoredLists;
beforeEach(() => {
  const { service, rows, store, workDirs } = parts;
  lists = createStoredLists({ assets: service, rows, store, workDirs });
});

/** Texts of so many characters each, with signs of two bytes and line feeds in them. */
const texts = (count: number, characters: number) =>
  Array.from({ length: count }, (_none, index) => `${index}\n${'ä'.repeat(characters)}`);

const listOf = (outputs: Readonly<Record<string, OutputValue>>, name = 'output') => outputs[name] as StoredList;

async function stored(values: OutputValue[]): Promise<StoredList> {
  return listOf(await lists.keep(owner, { output: values }, maxBytes));
}

test('outputs that fit a row stay as they are, and touch no file', async () => {
  const outputs = { output: texts(10, 100), name: 'a' };
  expect(await lists.keep(owner, outputs, maxBytes)).toBe(outputs);
  expect(parts.rows.all).toEqual([]);
});

test('lists that are too large lie in files, the largest first, with how they begin', async () => {
  const [large, small] = [texts(300, 700), texts(100, 500)];
  const kept = await lists.keep(owner, { small, large, name: 'a' }, maxBytes);
  expect(kept).toMatchObject({ small, name: 'a' });
  const list = listOf(kept, 'large');
  expect(list).toMatchObject({
    mimeType: 'application/jsonl',
    length: 300,
    url: `/api/assets/${list.assetId}/content`,
  });
  // As many as fit 8 KiB.
  expect(list.preview).toEqual(large.slice(0, 5));
  expect(isStoredList(list)).toBe(true);
  expect(await lists.read(userId, list)).toEqual(large);
  expect(await parts.workLeft()).toEqual([]);
});

test('what is no list, and what is too large without its lists, is refused', async () => {
  const refused = { code: 'NODE_OUTPUT_TOO_LARGE', details: { limit: maxBytes } };
  await expect(lists.keep(owner, { output: 'a'.repeat(300_000) }, maxBytes)).rejects.toMatchObject(refused);
  await expect(
    lists.keep(owner, { output: texts(300, 700), name: 'a'.repeat(300_000) }, maxBytes),
  ).rejects.toMatchObject(refused);
});

test('equal lists are one file', async () => {
  const values = texts(300, 700);
  expect(await stored(values)).toEqual(await stored([...values]));
  expect(parts.rows.all).toHaveLength(1);
});

test('elements are found and read one by one, also across the pieces in which the file is read', async () => {
  const values: OutputValue[] = [null, 7, true, 'short', ...texts(6, 60_000), { a: [1] }];
  const elements = await lists.index(userId, await stored(values));
  expect(elements.slice(0, 4)).toEqual([null, 7, true, 'short']);
  const far = elements.slice(4) as StoredElement[];
  expect(far.every((element) => element instanceof StoredElement)).toBe(true);
  expect(far[0]!.label).toMatch(/^0 ä+…$/);
  expect(new Set(far.map(({ key }) => key)).size).toBe(7);
  // Not in their order, as parts are executed.
  const read = await Promise.all(far.toReversed().map((element) => lists.element(element)));
  expect(read.toReversed()).toEqual(values.slice(4));
});

test('a list that is written element by element comes out as if it were kept whole', async () => {
  const values = texts(300, 700);
  for (const [some, isFile] of [
    [values.slice(0, 20), false],
    [values, true],
  ] as const) {
    const writer = lists.writer(owner, maxBytes);
    for (const value of some) await writer.push(value);
    expect(writer.length).toBe(some.length);
    const list = await writer.end();
    await writer.dispose();
    expect(isStoredList(list)).toBe(isFile);
    expect(await lists.read(userId, list)).toEqual(some);
  }
  expect(await parts.workLeft()).toEqual([]);
});

test('a list of lists lies in one file', async () => {
  const inner = texts(300, 700);
  const list = await stored([await stored(inner), ['a'], await stored(inner)]);
  // Two of what stands for a list fit a row.
  expect(list).toEqual([expect.objectContaining({ length: 300 }), ['a'], expect.objectContaining({ length: 300 })]);
  expect(storedListsIn(list)).toHaveLength(2);
  expect(await lists.read(userId, list)).toEqual([inner, ['a'], inner]);
  const writer = lists.writer(owner, maxBytes);
  for (const value of list as unknown as OutputValue[]) await writer.push(value);
  const whole = (await writer.end()) as StoredList;
  await writer.dispose();
  expect(storedListsIn(whole)).toEqual([whole.assetId]);
  expect(await lists.read(userId, whole)).toEqual([inner, ['a'], inner]);
});

test('a run holds the lists of others as long as they are there', async () => {
  const list = await stored(texts(300, 700));
  expect(await lists.hold(owner, { output: list, other: 'a' })).toBe(true);
  await parts.service.remove({ workspaceId: userId }, [list.assetId]);
  expect(await lists.hold(owner, { output: [list] })).toBe(false);
  expect(await lists.hold(owner, { output: 'a' })).toBe(true);
  await expect(lists.read('another user', list)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
});

test('where the quota is full nothing is kept', async () => {
  const service = parts.createService({ maxBytes: 1_000, maxFiles: 10 });
  const full = createStoredLists({ ...parts, assets: service });
  await expect(full.keep(owner, { output: texts(300, 700) }, maxBytes)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  expect([parts.rows.all, parts.rows.rooms.size, await parts.workLeft()]).toEqual([[], 0, []]);
});

test('lines are found wherever chunks end', async () => {
  const bytes = Buffer.from('ab\n\ncä\nd');
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_none, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const lines = [];
    for await (const line of linesOf(Readable.from(chunks, { objectMode: false }))) lines.push(line);
    expect(lines).toEqual([
      { text: 'ab', start: 0, end: 2 },
      { text: 'cä', start: 4, end: 7 },
      { text: 'd', start: 8, end: 9 },
    ]);
  }
});
