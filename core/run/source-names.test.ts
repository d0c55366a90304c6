import { expect, test } from '@jest/globals';
import { givenFiles, nameFrom, sourceNames, type TracedExecution, type TracedRegion } from './source-names.ts';

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
  ...{ nodeId, nodeType, inputData: null, outputData: { output } },
  finishedAt: new Date((at += 1_000)).toISOString(),
  ...rest,
});
const sourcesOf = (regions: readonly TracedRegion[], ...executions: readonly TracedExecution[]) =>
  Object.fromEntries([...sourceNames(executions, { names, isGiven, regions })].map(([id, { output }]) => [id, output]));
const sources = (...executions: readonly TracedExecution[]) => sourcesOf([], ...executions);
/** Nodes that are executed together for each element of a list. */
const each = (origin: string, ...nodes: readonly string[]): TracedRegion => ({ nodes, origins: [origin] });

const photos = ran('photos', 'list', [file(1), file(2)]);

test('what is made of each photo of a list has the name of that photo, words too', () => {
  const captions = ['A beach.', 'A harbor.'];
  expect(
    sourcesOf(
      [each('photos', 'fit', 'say'), each('fit', 'some')],
      ran('name', 'text', 'Kim'),
      photos,
      // Both are executed for each photo, one after the other.
      ran('fit', 'resizeImage', [file(3), file(4)]),
      ran('say', 'llm', captions),
      // What passes them on knows it as well, and one that leaves elements out says nothing wrong.
      ran('out', 'output', captions, { inputData: { value: captions } }),
      ran('some', 'resizeImage', [file(5)]),
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
    sourcesOf(
      [each('photos', 'each')],
      ran('one', 'image', file(1)),
      ran('other', 'image', file(2)),
      asked('first', 1),
      asked('second', 2),
      ran('out', 'output', 'yes', { inputData: { value: 'yes' } }),
      photos,
      ran('each', 'llm', ['yes', 'yes']),
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

test('the list that was gone through has the names, whatever else is as long; a list that was made of one file too', () => {
  const again = ran('again', 'list', [file(2), file(1)]);
  const fit = ran('fit', 'resizeImage', [file(3), file(4)]);
  expect(sourcesOf([each('photos', 'fit')], photos, again, fit)['fit']).toEqual(['beach', 'old harbor.final']);
  const both = { nodes: ['fit'], origins: ['photos', 'again'] };
  expect(sourcesOf([both], photos, again, fit)['fit']).toBeUndefined();
  expect(
    sourcesOf(
      [each('tiles:output', 'say')],
      ran('one', 'image', file(1)),
      ran('tiles', 'splitGrid', [file(5), file(6)], { inputData: { image: file(1) } }),
      ran('say', 'llm', ['Sand.', 'Sea.']),
    ),
  ).toEqual({ one: 'beach', tiles: ['beach', 'beach'], say: ['beach', 'beach'] });
});

test('files whose name is not known tell nothing', () => {
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
