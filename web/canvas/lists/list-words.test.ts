import { beforeAll, describe, expect, test } from '@jest/globals';
import { describeNodeType } from '../../../core/node-type/describe.ts';
import { loadCanvasDefinitions } from '../../../nodes/canvas-definitions.ts';
import { nodeDefinitions } from '../../../nodes/definitions.ts';
import { ApiError } from '../../api/api-error.ts';
import type { PartsProgress } from '../../../core/api/runs.ts';
import type { CanvasEdge, CanvasNode } from '../../graph/canvas-graph.ts';
import { catalogueFrom } from '../../graph/catalogue.ts';
import * as part from '../../graph/list-view.ts';
import { nodeExecution } from '../../live/execution-fixture.ts';
import type { RunView } from '../../live/run-view.ts';
import type { CommandContext } from '../commands/command-context.ts';
import { listCommands } from './list-commands.ts';
import { nameIn, selectedMapped, targetOf, type ListScene } from './list-target.ts';
import { withPart } from './use-live-elements.ts';
import { onlyWords, pausedWords, placeOf, progressWords, readElements } from './list-words.ts';
import { runOnSome } from './steer-list.ts';

beforeAll(() => loadCanvasDefinitions());

const progress = (change: Partial<PartsProgress> = {}): PartsProgress => ({
  ...{ total: 40, queued: 0, running: 0, waiting: 0, done: 0, cached: 0, failed: 0, skipped: 0 },
  ...change,
});

test('how far a list has come is said in counts, those of nothing left out', () => {
  expect(progressWords(progress())).toBe('0 of 40 done');
  expect(progressWords(progress({ total: 10_000, done: 1_200, failed: 2, running: 8, queued: 5 }))).toBe(
    '1,200 of 10,000 done, 2 failed, 8 running',
  );
});

test('who has paused a list is named where it is known', () => {
  expect([pausedWords({}), pausedWords({ pausedBy: 'ada@example.org' })]).toEqual([
    'Paused',
    'Paused by ada@example.org',
  ]);
});

test('what is told of an element is shown on its page, and nothing else is touched', () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const part = { id, parentId: null, index: 0, key: 'k', status: 'RUNNING' as const, label: null, error: null };
  const pages = { pageParams: [{}], pages: [{ items: [{ ...part, nodeExecutions: [] }], nextCursor: null }] };
  const event = {
    ...part,
    type: 'part.updated' as const,
    runId: id,
    nodeId: 'do',
    status: 'FAILED' as const,
    error: 'No.',
  };
  expect(withPart(pages, event).pages[0]!.items).toEqual([
    { ...part, status: 'FAILED', error: 'No.', nodeExecutions: [] },
  ]);
  expect(withPart(pages, { ...event, id: 'another' })).toBe(pages);
});

test.each([
  [undefined, null],
  [{ first: 1 }, 'Only the first element'],
  [{ first: 3 }, 'Only the first 3 elements'],
  [{ at: [4] }, 'Only element 5'],
  [{ at: [6, 4, 4] }, 'Only elements 5, 7'],
  [{ at: [0, 1, 2, 3, 4, 5] }, 'Only 6 elements that were chosen'],
])('that %j ran is said', (only, words) => {
  expect(onlyWords(only)).toBe(words);
});

test('an element is named by its place in the whole list, whichever of them ran', () => {
  expect([placeOf(2, undefined), placeOf(2, { first: 3 })]).toEqual([2, 2]);
  expect([0, 1].map((index) => placeOf(index, { at: [9, 4, 9] }))).toEqual([4, 9]);
});

test.each([
  ['5', [4]],
  [' 7, 2 , 7', [1, 6]],
  ['2 4;6', [1, 3, 5]],
  ['2, 7-9', [1, 6, 7, 8]],
  ['3 – 4', [2, 3]],
  ['', 'Give the number'],
  ['0', 'The first element has the number 1'],
  ['9-7', 'goes backward'],
  ['first', 'Give numbers of elements'],
  ['1-1001', 'too many'],
])('elements %j are read', (text, expected) => {
  const read = readElements(text);
  if (typeof expected === 'string') expect(read).toContain(expected);
  else expect(read).toEqual(expected);
});

describe('the list that a command is about', () => {
  const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
  const node = (id: string, type: string): CanvasNode => ({ id, type, position: { x: 0, y: 0 }, data: { label: id } });
  const edge = (source: string, target: string, targetHandle: string): CanvasEdge => ({
    id: `${source}-${target}`,
    ...{ source, target, sourceHandle: 'output', targetHandle },
  });
  const nodes = [node('words', 'list'), node('more', 'list'), node('one', 'replaceText'), node('two', 'replaceText')];
  const graph = {
    nodes: [...nodes, node('other', 'replaceText'), node('all', 'joinText')],
    edges: [
      edge('words', 'one', 'text'),
      edge('one', 'two', 'text'),
      edge('two', 'all', 'texts'),
      edge('more', 'other', 'text'),
    ],
  };
  const scene = (selected: string | null, lists: Record<string, Partial<PartsProgress>>): ListScene => ({
    state: { ...graph, selectedNodes: selected === null ? [] : [selected] },
    view: {
      nodes: Object.fromEntries(
        Object.entries(lists).map(([nodeId, parts]) => [
          nodeId,
          { execution: nodeExecution({ nodeId, status: 'WAITING', parts: progress(parts) }) },
        ]),
      ),
    } as unknown as RunView,
    catalogue,
    part,
  });
  const found = (...of: Parameters<typeof scene>) => targetOf(scene(...of))?.nodeId ?? null;

  test('is that which the selected node goes through, also where another node holds it', () => {
    expect(found('one', { one: {}, other: {} })).toBe('one');
    expect(found('two', { one: {}, other: {} })).toBe('one');
    expect(found('other', { one: {}, other: {} })).toBe('other');
  });

  test('is the only one there is where none goes through the selected node', () => {
    expect(found(null, { one: {} })).toBe('one');
    expect(found('all', { one: {} })).toBe('one');
    expect(found(null, { one: {}, other: {} })).toBeNull();
    expect(found(null, {})).toBeNull();
  });

  test('is one that is asked for', () => {
    const both = scene(null, { one: { failed: 1 }, other: {} });
    expect(targetOf(both, ({ parts }) => parts.failed > 0)?.nodeId).toBe('one');
    expect(nameIn(both, 'one')).toBe('one');
  });

  const commandsAt = (selected: string | null, lists: Record<string, Partial<PartsProgress>>, mayRun = true) => {
    const { state, view } = scene(selected, lists);
    const done: unknown[] = [];
    const context = {
      store: { getState: () => ({ ...state, runPart: async (...call: unknown[]) => done.push(call[0]) }) },
      ...{ canRunParts: mayRun, canCancel: mayRun, report: () => undefined },
      facts: { selectedCount: selected === null ? 0 : 1, isStarting: false },
      openPanel: (action: unknown) => done.push(action),
    } as unknown as CommandContext;
    const request = async (path: string, { body }: { body?: unknown }) => void done.push([path, body]);
    const commands = listCommands(context, {
      ...{ catalogue, part, mayRun, selected, retryRun: () => undefined },
      runs: { api: { getState: () => ({ view }) } } as never,
      api: { request } as never,
    });
    const enabled = Object.entries(commands).flatMap(([id, { isEnabled }]) => (isEnabled === true ? [id] : []));
    return { commands, done, enabled };
  };

  test('is paused and gone on with by the same keys, and canceled after a question', () => {
    const { commands, done, enabled } = commandsAt('two', { one: {}, other: {} });
    expect(enabled).toEqual(['list-first', 'list-some', 'list-pause', 'list-cancel']);
    expect(commands['list-pause'].title).toBe('Pause the list of “one”');
    commands['list-pause'].run();
    commands['list-cancel'].run();
    const paused = commandsAt('two', { one: { paused: true } });
    expect(paused.commands['list-pause'].title).toBe('Go on with the list of “one”');
    paused.commands['list-pause'].run();
    const path = '/api/runs/0198c0de-0000-7000-8000-000000000001/lists';
    expect([...done, ...paused.done]).toEqual([
      [path, { nodeId: 'one', action: 'pause' }],
      { type: 'open-dialog', dialog: 'cancel-list' },
      [path, { nodeId: 'one', action: 'goOn' }],
    ]);
  });

  test('is gone through again for what failed of it, while it goes on', () => {
    const { commands, done, enabled } = commandsAt('two', { one: { failed: 2 }, other: {} });
    expect(enabled).toContain('list-retry');
    commands['list-retry'].run();
    expect(done).toEqual([
      ['/api/runs/0198c0de-0000-7000-8000-000000000001/lists', { nodeId: 'one', action: 'retryFailed' }],
    ]);
    expect(commandsAt('two', { one: { failed: 2 } }, false).enabled).toEqual([]);
  });

  test('is tried on at a node that goes through one alone, by a role that may run it', () => {
    const { commands, done } = commandsAt('one', {});
    commands['list-first'].run();
    expect(done).toEqual(['selected']);
    expect(commandsAt('words', {}).enabled).toEqual([]);
    expect(commandsAt('two', { one: {} }, false).enabled).toEqual([]);
  });

  test('may be chosen from only at a node that goes through one', () => {
    expect(['one', 'two', 'words', 'all', null].map((id) => selectedMapped(scene(id, {})))).toEqual([
      ...['one', 'two', null, null, null],
    ]);
  });
});

describe('running a node on some elements', () => {
  const tried = async (failure: Error | null) => {
    const calls: unknown[] = [];
    let isTaken: boolean | undefined;
    await runOnSome(
      {
        runPart: async (...[mode, ids, some, takes]) => {
          calls.push([mode, ids, some]);
          if (failure !== null && takes !== undefined) isTaken = takes(failure);
        },
      },
      'one',
      { first: 3 },
    );
    return { calls: calls.map((call) => (call as unknown[])[0]), some: calls[0], isTaken };
  };
  const refused = (code: string) => new ApiError(422, code, 'No.');

  test('takes what comes before it from earlier runs, and runs that as well where there is nothing', async () => {
    const some = ['selected', ['one'], { elements: { nodeId: 'one', only: { first: 3 } } }];
    expect(await tried(null)).toEqual({ calls: ['selected'], some, isTaken: undefined });
    expect(await tried(refused('MISSING_UPSTREAM_OUTPUT'))).toEqual({ calls: ['selected', 'to'], some, isTaken: true });
  });

  test('leaves any other refusal to be told', async () => {
    expect(await tried(refused('GRAPH_INVALID'))).toMatchObject({ calls: ['selected'], isTaken: false });
  });
});
