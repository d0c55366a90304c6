import { describe, expect, test } from '@jest/globals';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { nodeExecution } from '../live/execution-fixture.ts';
import { createStars } from './stars.ts';
import { fileNameOf, groupResults, safeName, starKeyOf } from './results.ts';

const handle = (id: string, dataType: string) => ({ id, title: id, dataType });
const type = (name: string, inputs: string[], outputs: string[]) =>
  [
    name,
    {
      type: name,
      title: name,
      inputs: inputs.map((id) => handle(id, 'any')),
      outputs: outputs.map((id) => handle(id, 'any')),
    } as unknown as NodeTypeInfo,
  ] as const;
const catalogue = new Map([
  type('photo', [], ['output']),
  type('llm', ['images'], ['output']),
  type('pass', ['input'], ['output']),
  type('split', ['input'], ['Front', 'Back']),
]);
const file = (digit: number, mimeType = 'image/png') => ({
  assetId: `00000000-0000-4000-8000-00000000000${digit}`,
  url: `/api/assets/00000000-0000-4000-8000-00000000000${digit}/content`,
  mimeType,
  bytes: 1,
  sha256: String(digit).repeat(64),
});
let count = 0;
const ran = (
  nodeType: string,
  outputData: Record<string, unknown>,
  change: Parameters<typeof nodeExecution>[0] = {},
) => {
  count += 1;
  const id = `0198c0de-0000-7000-8000-${String(count).padStart(12, '0')}`;
  return nodeExecution({ id, nodeId: `${nodeType}${count}`, nodeType, outputData, ...change });
};
const titles = (executions: Parameters<typeof groupResults>[0]) =>
  groupResults(executions, catalogue).map(({ results }) => results.map(({ title }) => title));

describe('results of a run', () => {
  test('come by node: newest first, what people put in last', () => {
    const photo = ran('photo', { output: file(1) }, { finishedAt: '2026-01-01T00:00:09Z' });
    const early = ran('llm', { output: 'a' }, { nodeLabel: 'Early', finishedAt: '2026-01-01T00:00:01Z' });
    const late = ran('llm', { output: 'b' }, { nodeLabel: 'Late', finishedAt: '2026-01-01T00:00:02Z' });
    expect(titles([photo, early, late])).toEqual([['Late'], ['Early'], ['photo']]);
  });

  test('are named by their output where there are several, and by their place in a list', () => {
    expect(titles([ran('split', { Front: file(1), Back: [file(2), file(3)] })])).toEqual([
      ['split Front', 'split Back 1', 'split Back 2'],
    ]);
  });

  test('leave out what a node merely passes on, what failed, and what is no result', () => {
    const passed = ran('pass', { output: [file(1), 'new'] }, { inputData: { input: { deep: file(1) } } });
    const failed = ran('llm', { error: { code: 'X' } }, { status: 'FAILED' });
    const small = ran('split', { Front: true, Back: 7 });
    expect(titles([passed, failed, small])).toEqual([['pass 2']]);
  });

  test('are files by their type, words, and data', () => {
    const [group] = groupResults(
      [
        ran('llm', {
          a: file(1, 'video/mp4'),
          b: file(2, 'audio/mpeg'),
          c: file(3, 'application/pdf'),
          d: 'x',
          e: { f: 1 },
        }),
      ],
      catalogue,
    );
    expect(group!.results.map((result) => [result.kind, fileNameOf(result)])).toEqual([
      ['video', 'llm a.mp4'],
      ['audio', 'llm b.mp3'],
      ['file', 'llm c.pdf'],
      ['text', 'llm d.txt'],
      ['data', 'llm e.json'],
    ]);
  });

  test('keep their star in a later run: by the file, or by the words of the node', () => {
    const key = (output: unknown, nodeId: string) =>
      starKeyOf(groupResults([ran('llm', { output }, { nodeId })], catalogue)[0]!.results[0]!);
    expect(key(file(1), 'a')).toBe(key(file(1), 'b'));
    expect(key('same', 'a')).toBe(key('same', 'a'));
    expect(key('same', 'a')).not.toBe(key('same', 'b'));
    expect(key('same', 'a')).not.toBe(key('other', 'a'));
  });
});

test('names of files hold no sign that a system takes for something else', () => {
  expect(safeName('a/b: "c" \\ d?')).toBe('a_b_ _c_ _ d_');
  expect(safeName('ä 日本 x')).toBe('ä 日本 x');
  expect(safeName(' ')).toBe('output');
});

test('stars are toggled together, and are there for whoever opens the workflow next in this browser', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  } as unknown as Storage;
  const stars = createStars(storage, 'me', 1);
  stars.toggle(['a', 'b']);
  stars.toggle(['b', 'c']);
  expect([...createStars(storage, 'me', 1).state.getState()].toSorted()).toEqual(['a', 'b', 'c']);
  stars.toggle(['b', 'c']);
  expect([...createStars(storage, 'me', 1).state.getState()]).toEqual(['a']);
  expect([...createStars(storage, 'me', 2).state.getState()]).toEqual([]);
});
