import { expect, test } from '@jest/globals';
import { givenFiles, nameFrom, sourceNames, type TracedExecution } from './source-names.ts';

const file = (digit: number) => ({
  assetId: `00000000-0000-4000-8000-00000000000${digit}`,
  url: `/api/assets/00000000-0000-4000-8000-00000000000${digit}/content`,
  mimeType: 'image/png',
  bytes: 1,
  sha256: String(digit).repeat(64),
});
const isGiven = (type: string) => ['list', 'image', 'text'].includes(type);
const names = new Map([
  [file(1).assetId, 'beach.jpg'],
  [file(2).assetId, 'old harbor.final.png'],
]);
let at = 0;
const ran = (
  nodeId: string,
  nodeType: string,
  output: unknown,
  rest: Partial<TracedExecution> = {},
): TracedExecution => ({
  ...{ nodeId, nodeType, parts: null, inputData: null, outputData: { output } },
  finishedAt: new Date((at += 1_000)).toISOString(),
  ...rest,
});
const sources = (...executions: readonly TracedExecution[]) =>
  Object.fromEntries([...sourceNames(executions, { names, isGiven })].map(([id, { output }]) => [id, output]));

const photos = ran('photos', 'list', [file(1), file(2)]);

test('what is made of each photo of a list has the name of that photo, words too', () => {
  const captions = ['A beach.', 'A harbor.'];
  expect(
    sources(
      ran('name', 'text', 'Kim'),
      photos,
      ran('fit', 'resizeImage', [file(3), file(4)], { parts: {} }),
      ran('say', 'llm', captions, { parts: {} }),
      // What passes them on knows it as well, and one that leaves elements out says nothing wrong.
      ran('out', 'output', captions, { inputData: { value: captions } }),
      ran('some', 'resizeImage', [file(5)], { parts: {} }),
    ),
  ).toEqual({
    photos: ['beach', 'old harbor.final'],
    fit: ['beach', 'old harbor.final'],
    say: ['beach', 'old harbor.final'],
    out: ['beach', 'old harbor.final'],
  });
});

test('what is made of one photo has its name, and what is made of several has none', () => {
  const one = ran('one', 'image', file(1));
  const other = ran('other', 'image', file(2));
  const crop = ran('crop', 'cropImage', file(3), { inputData: { image: file(1) } });
  const made = sources(
    one,
    other,
    crop,
    ran('words', 'llm', 'Sand.', { inputData: { images: [file(3)], user_message: 'Say it.' } }),
    ran('last', 'output', 'Sand.', { inputData: { value: 'Sand.' } }),
    ran('sheet', 'gridImages', file(4), { inputData: { images: [file(1), file(2)] } }),
    ran('frames', 'splitGrid', [file(5), file(6)], { inputData: { image: file(3) } }),
  );
  expect(made).toEqual({
    one: 'beach',
    other: 'old harbor.final',
    crop: 'beach',
    words: 'beach',
    last: 'beach',
    frames: ['beach', 'beach'],
  });
});

test('equal words of two photos are the words of neither', () => {
  const asked = (id: string, of: number) => ran(id, 'llm', 'yes', { inputData: { images: [file(of)] } });
  expect(
    sources(
      ran('one', 'image', file(1)),
      ran('other', 'image', file(2)),
      asked('first', 1),
      asked('second', 2),
      ran('out', 'output', 'yes', { inputData: { value: 'yes' } }),
      photos,
      ran('each', 'llm', ['yes', 'yes'], { parts: {} }),
      ran('all', 'output', ['yes', 'yes'], { inputData: { value: ['yes', 'yes'] } }),
    ),
  ).toEqual({
    one: 'beach',
    other: 'old harbor.final',
    first: 'beach',
    second: 'old harbor.final',
    photos: ['beach', 'old harbor.final'],
    each: ['beach', 'old harbor.final'],
    all: ['beach', 'old harbor.final'],
  });
});

test('words of a node that nothing was put into are nobody’s, whatever a photo makes a model say', () => {
  expect(
    sources(
      ran('one', 'image', file(1)),
      ran('words', 'text', 'yes'),
      ran('asked', 'llm', 'yes', { inputData: { images: [file(1)] } }),
      ran('out', 'output', 'yes', { inputData: { value: 'yes' } }),
    ),
  ).toEqual({ one: 'beach', asked: 'beach' });
});

test('two lists of one length tell nothing, and files whose name is not known neither', () => {
  const again = ran('again', 'list', [file(2), file(1)]);
  expect(sources(photos, again, ran('fit', 'resizeImage', [file(3), file(4)], { parts: {} }))['fit']).toBeUndefined();
  expect(
    sources(ran('new', 'image', file(9)), ran('crop', 'cropImage', file(3), { inputData: { image: file(9) } })),
  ).toEqual({});
});

test('files that were put in are those of nodes without inputs', () => {
  expect(givenFiles([photos, ran('crop', 'cropImage', file(3))], isGiven)).toEqual(
    [file(1), file(2)].map(({ assetId }) => assetId),
  );
});

test('names are said in a way that every system takes', () => {
  expect(nameFrom('beach', 'Feed, 1:1')).toBe('beach-feed-1-1');
  expect(nameFrom('beach', '…')).toBe('beach');
});
