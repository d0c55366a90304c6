import { describe, expect, test } from '@jest/globals';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { nodeExecution } from '../live/execution-fixture.ts';
import { ApiError } from '../api/api-error.ts';
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

  test('are as many as the elements of a list that was gone through, unless all of it is as it was', () => {
    const through = (output: readonly string[]) => {
      const parts = { total: 2, done: 2, failed: 0 } as never;
      return ran('pass', { output }, { inputData: { input: ['one', 'three'] }, parts });
    };
    expect(titles([through(['0ne', 'three']), through(['one', 'three'])])).toEqual([['pass 1', 'pass 2']]);
  });

  test('leave out an empty list, such as the errors of a list that went well', () => {
    expect(titles([ran('split', { Front: ['a caption'], Back: [] })])).toEqual([['split Front 1']]);
    expect(titles([ran('split', { Front: [], Back: [] })])).toEqual([]);
    expect(titles([ran('split', { output: ['a caption'], errors: [] })])).toEqual([['split 1']]);
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

describe('stars', () => {
  /** A server that keeps them, and can be out of reach. */
  function createServer(kept: string[] = []) {
    const server = {
      kept,
      isAway: false,
      changes: 0,
      api: {
        load: async () => {
          if (server.isAway) throw new Error('away');
          return [...server.kept];
        },
        change: async ({ add, remove }: { add: readonly string[]; remove: readonly string[] }) => {
          if (server.isAway) throw new Error('away');
          server.changes += 1;
          server.kept = [...server.kept.filter((key) => !remove.includes(key) && !add.includes(key)), ...add];
          return [...server.kept];
        },
      },
    };
    return server;
  }
  function createStorage(): Storage {
    const values = new Map<string, string>();
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
      removeItem: (key: string) => void values.delete(key),
    } as unknown as Storage;
  }
  const shown = (stars: ReturnType<typeof createStars>) => [...stars.state.getState()].toSorted();

  test('are toggled together, show at once, and are the same in another browser', async () => {
    const server = createServer();
    const stars = createStars(server.api, createStorage(), 'me', 1);
    stars.toggle(['a', 'b']);
    stars.toggle(['b', 'c']);
    expect(shown(stars)).toEqual(['a', 'b', 'c']);
    await stars.refresh();
    const elsewhere = createStars(server.api, createStorage(), 'me', 1);
    await elsewhere.refresh();
    expect(shown(elsewhere)).toEqual(['a', 'b', 'c']);
    elsewhere.toggle(['b', 'c']);
    await elsewhere.refresh();
    await stars.refresh();
    expect(shown(stars)).toEqual(['a']);
  });

  test('that could not be sent outlive the page, and are sent by the next one', async () => {
    const server = createServer(['old']);
    const storage = createStorage();
    const stars = createStars(server.api, storage, 'me', 1);
    await stars.refresh();
    server.isAway = true;
    stars.toggle(['new']);
    stars.toggle(['old']);
    await stars.refresh();
    const next = createStars(server.api, storage, 'me', 1);
    expect(shown(next)).toEqual(['new']);
    server.isAway = false;
    await next.refresh();
    expect([server.kept, shown(next), server.changes]).toEqual([['new'], ['new'], 1]);
    await createStars(server.api, storage, 'me', 1).refresh();
    expect(server.changes).toBe(1);
  });

  test('of a time when the browser alone kept them are told to the server', async () => {
    const server = createServer(['b']);
    const storage = createStorage();
    storage.setItem('heddle.stars.me.1', JSON.stringify(['a', 'b']));
    const stars = createStars(server.api, storage, 'me', 1);
    await stars.refresh();
    expect([server.kept, shown(stars)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(createStars(server.api, storage, 'me', 2).state.getState().size).toBe(0);
  });

  test('that the server refuses are not asked for again', async () => {
    const storage = createStorage();
    const refuse = async () => {
      throw new ApiError(404, 'WORKFLOW_NOT_FOUND', 'There is no workflow 1.');
    };
    const stars = createStars({ load: async () => [], change: refuse }, storage, 'me', 1);
    stars.toggle(['a']);
    await stars.refresh();
    expect(shown(stars)).toEqual([]);
    expect(storage.getItem('heddle.stars.me.1')).toBeNull();
  });
});
