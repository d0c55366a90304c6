import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { interfaceOf } from '../../core/interface/json-schema.ts';
import { nodeCatalogue } from '../../nodes/definitions.ts';
import { nodeOf, sha256 } from '../../testing/graphs.ts';
import { prepareInputs, type UploadedFile } from './inputs.ts';
import { namedInputs } from './named-inputs.ts';
import { saveResults } from './save-outputs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-lists-'));
});
afterAll(() => rm(folder, { recursive: true }));

const graph = {
  nodes: [
    nodeOf('l', 'list', { type: 'image', input: { name: 'photos' } }),
    nodeOf('t', 'list', { input: { name: 'words' } }),
    nodeOf('n', 'list', { type: 'number', input: { name: 'sizes' } }),
  ],
  edges: [],
};
const upload = async (path: string): Promise<UploadedFile> => ({
  url: `/uploaded/${basename(path)}`,
  name: basename(path),
  mimeType: 'image/png',
});

test('each --input of one name is one more element, and JSON is all of them', async () => {
  const words = join(folder, 'words.json');
  await writeFile(words, '["c", "d"]');
  const given = [
    'photos=a.png',
    'photos=https://example.com/b.png',
    'photos=["/api/assets/x/content"]',
    'words=a',
    'words=[b',
    `words=@${words}`,
    'sizes=1',
    'sizes=[2, 3]',
  ];
  const expected = {
    photos: ['/uploaded/a.png', 'https://example.com/b.png', '/api/assets/x/content'],
    words: ['a', '[b', 'c', 'd'],
    sizes: [1, 2, 3],
  };
  expect((await prepareInputs(graph, given, upload)).inputs).toEqual(expected);
  // By what a published workflow says of itself, the same.
  const { inputs } = interfaceOf(graph, nodeCatalogue, sha256);
  expect(await namedInputs({ slug: 'lists', inputs }, given, upload)).toEqual(expected);
});

test('the files of a list are saved one by one, numbered; other lists as JSON', async () => {
  const file = (id: number) => ({
    assetId: `0198c0de-0000-7000-8000-00000000000${id}`,
    url: `/file ${id}`,
    mimeType: 'image/png',
    bytes: 1,
    sha256: 'a'.repeat(64),
  });
  const out = join(folder, 'out');
  const files = Array.from({ length: 10 }, (_none, index) => file(index));
  const paths = await saveResults({ photos: files, words: ['a', 'b'], none: [] }, out, async (path) =>
    Buffer.from(path),
  );
  expect(paths.map((path) => basename(path)).slice(0, 2)).toEqual(['photos-01.png', 'photos-02.png']);
  expect((await readdir(out)).length).toBe(12);
  expect(await readFile(join(out, 'photos-10.png'), 'utf8')).toBe('/file 9');
  expect(JSON.parse(await readFile(join(out, 'words.json'), 'utf8'))).toEqual(['a', 'b']);
});
