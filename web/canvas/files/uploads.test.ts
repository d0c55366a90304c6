import { expect, test } from '@jest/globals';
import type { Asset } from '../../../core/api/assets.ts';
import { createUploads } from './uploads.ts';

const fileOf = (name: string) => new File(['x'], name);
const assetOf = (name: string): Asset => ({
  id: '0198c0de-0000-7000-8000-000000000001',
  url: `/api/assets/${name}/content`,
  name,
  mimeType: 'image/png',
  bytes: 1,
  sha256: '',
  createdAt: '2026-01-01T00:00:00.000Z',
});
const to = (nodeId: string, field = 'file') => ({ nodeId, field });
/** What was settled just now has been passed on. */
const passOn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('C5: of twenty files three are on their way at a time, in order, and one that is given up makes room', async () => {
  const begun: string[] = [];
  const finish = new Map<string, () => void>();
  const done: string[] = [];
  const uploads = createUploads({
    upload: (file, { signal }) => {
      begun.push(file.name);
      return new Promise((resolve, reject) => {
        finish.set(file.name, () => resolve(assetOf(file.name)));
        signal.addEventListener('abort', () => reject(new Error('given up')));
      });
    },
    onDone: ({ nodeId }) => done.push(nodeId),
  });
  for (let index = 0; index < 20; index += 1) uploads.begin(to(`n${index}`), fileOf(`f${index}`));
  await passOn();
  expect(begun).toEqual(['f0', 'f1', 'f2']);
  // All of them say that they wait.
  expect(Object.keys(uploads.state.getState())).toHaveLength(20);
  finish.get('f1')!();
  await passOn();
  expect([begun.at(-1), done]).toEqual(['f3', ['n1']]);
  uploads.cancel(to('n4'));
  uploads.cancel(to('n0'));
  await passOn();
  expect(begun).toEqual(['f0', 'f1', 'f2', 'f3', 'f5']);
  for (let index = 2; index < 20; index += 1) {
    finish.get(`f${index}`)?.();
    await passOn();
  }
  expect(done).toHaveLength(18);
  expect(uploads.state.getState()).toEqual({});
});

test('each field of a node has an upload of its own, and a second file in a field takes the place of the first', async () => {
  const finish = new Map<string, () => void>();
  const done: string[] = [];
  const uploads = createUploads({
    upload: (file) => new Promise((resolve) => finish.set(file.name, () => resolve(assetOf(file.name)))),
    onDone: ({ nodeId, field }, { name }) => done.push(`${nodeId}.${field} ${name}`),
  });
  uploads.begin(to('n', 'first'), fileOf('a'));
  uploads.begin(to('n', 'second'), fileOf('b'));
  uploads.begin(to('n', 'first'), fileOf('c'));
  await passOn();
  expect(Object.values(uploads.state.getState()).map(({ name }) => name)).toEqual(['b', 'c']);
  for (const name of ['a', 'b', 'c']) finish.get(name)!();
  await passOn();
  expect(done).toEqual(['n.second b', 'n.first c']);
});

test('what failed is sent once more, one by one or all together, and is forgotten when it is put away', async () => {
  let isDown = true;
  const done: string[] = [];
  const uploads = createUploads({
    upload: async (file) => {
      if (isDown) throw new Error(`no way for ${file.name}`);
      return assetOf(file.name);
    },
    onDone: ({ nodeId }, { name }, cameWith) => done.push(`${nodeId} ${name} ${cameWith}`),
  });
  uploads.begin(to('a'), fileOf('one'));
  uploads.begin(to('b'), fileOf('two'), 'frame');
  uploads.begin(to('c'), fileOf('three'));
  await passOn();
  expect(Object.values(uploads.state.getState()).map(({ error }) => error)).toEqual([
    'no way for one',
    'no way for two',
    'no way for three',
  ]);
  uploads.cancel(to('c'));
  uploads.retry(to('a'));
  await passOn();
  expect(Object.values(uploads.state.getState())).toHaveLength(2);
  isDown = false;
  uploads.retryAll();
  uploads.retry(to('c'));
  await passOn();
  expect(done.toSorted()).toEqual(['a one null', 'b two frame']);
  expect(uploads.state.getState()).toEqual({});
});
