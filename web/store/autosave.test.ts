import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ApiFinding } from '../../core/api/common.ts';
import type { Workflow } from '../../core/api/workflows.ts';
import type { Graph } from '../../core/graph/graph.ts';
import { ApiError } from '../api/api-error.ts';
import { fromGraph } from '../graph/canvas-graph.ts';
import { createAutosave, type Autosave, type WorkflowChange } from './autosave.ts';
import type { Draft } from './drafts.ts';
import { createWorkflowStore, type WorkflowStoreApi } from './workflow-store.ts';

let store: WorkflowStoreApi;
let autosave: Autosave;
let saves: WorkflowChange[];
/** What the server has. */
let stored: Workflow;
let answer: (change: WorkflowChange) => Promise<Workflow>;
let kept: Draft | null;
let hasRoom: boolean;

const workflowOf = (data: Graph = { nodes: [], edges: [] }): Workflow => ({
  id: 7,
  name: 'Mine',
  data,
  version: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  slug: null,
  liveVersion: null,
  liveDraftVersion: null,
  workspaceId: 'mine',
  updatedBy: 'owner@example.org',
});
const textNode = (id: string, text: string) => ({ id, type: 'text', position: { x: 0, y: 0 }, data: { text } });
const graphOf = (...nodes: Graph['nodes']): Graph => ({ nodes, edges: [] });

/** As the server does it: the version that is meant must be the one that is there. */
async function accept({ data, name, version }: WorkflowChange): Promise<Workflow> {
  if (version !== undefined && version !== stored.version) throw conflict();
  stored = { ...stored, version: stored.version + 1, ...(data && { data }), ...(name && { name }) };
  return stored;
}

const conflict = () => new ApiError(409, 'WORKFLOW_VERSION_CONFLICT', 'changed');
const lost = () => new ApiError(0, 'NETWORK', 'gone');
function refusal(errors: ApiFinding[], message = errors[0]?.message ?? 'no'): ApiError {
  const code = errors[0]?.code ?? 'INVALID_TEXT';
  const problem = { type: 'x', title: 'x', status: 422, detail: message, instance: '/', code, requestId: 'r', errors };
  return new ApiError(422, code, message, problem);
}

function open(workflow: Workflow = workflowOf(), draft: Draft | null = null): void {
  stored = workflow;
  let ids = 0;
  store = createWorkflowStore(
    {
      catalogue: new Map(),
      createId: () => `id${(ids += 1)}`,
      now: () => 0,
      notify: () => undefined,
      startRun: async () => undefined,
    },
    fromGraph(draft?.graph ?? workflow.data),
  );
  autosave = createAutosave({
    store,
    workflow,
    draft,
    save: (change) => {
      saves.push(change);
      return answer(change);
    },
    load: async () => stored,
    keep: (next) => {
      kept = hasRoom ? next : null;
      return hasRoom;
    },
    forget: () => (kept = null),
    onFindings: (findings) => store.getState().setFindings(findings),
  });
  autosave.start();
}

beforeEach(() => {
  jest.useFakeTimers();
  saves = [];
  answer = accept;
  kept = null;
  hasRoom = true;
  open();
});

afterEach(() => {
  autosave.stop();
  jest.useRealTimers();
});

const edit = () => store.getState().addNode('text', { x: 0, y: 0 });
const write = (id: string, text: string) => store.getState().updateNodeData(id, { text });
const state = () => autosave.state.getState();
const status = () => state().status;
const settle = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const storedTexts = () => stored.data.nodes.map(({ data }) => data['text']);

test('changes in quick succession are saved once, after a pause', async () => {
  edit();
  await settle(500);
  edit();
  expect(status()).toBe('dirty');
  await settle(500);
  expect(saves).toEqual([]);
  await settle(400);
  expect(saves).toMatchObject([{ version: 1, data: { nodes: [{ id: 'id1' }, { id: 'id2' }] } }]);
  expect(saves[0]?.data?.nodes[0]).not.toHaveProperty('selected');
  expect(state()).toMatchObject({ status: 'saved', version: 2 });
});

test('a change during a save is saved after it, on the new version', async () => {
  let release = (): void => undefined;
  answer = (change) => new Promise((resolve) => (release = () => resolve(accept(change))));
  edit();
  await settle(1_000);
  edit();
  answer = accept;
  release();
  await settle(1_000);
  expect(saves.map(({ version }) => version)).toEqual([1, 2]);
  expect(status()).toBe('saved');
});

test('settings of the workflow are saved with its graph, and are a step back', async () => {
  store.getState().changeSettings({ runTimeoutMs: 60_000 });
  await settle(1_000);
  edit();
  await settle(1_000);
  expect(saves.map(({ data }) => data?.settings)).toEqual([{ runTimeoutMs: 60_000 }, { runTimeoutMs: 60_000 }]);
  store.getState().undo();
  store.getState().undo();
  await settle(1_000);
  expect(saves[2]!.data).not.toHaveProperty('settings');
  store.getState().redo();
  store.getState().replaceGraph('Tidy up', { nodes: [], edges: [] });
  expect(store.getState().settings).toEqual({ runTimeoutMs: 60_000 });
  store.getState().replaceGraph('Restore the graph of a run', fromGraph({ nodes: [], edges: [] }));
  expect(store.getState().settings).toBeUndefined();
});

test('a new name goes with the next save, and the one after it is made on its version', async () => {
  autosave.rename('Better');
  await settle(1);
  expect(saves).toEqual([{ name: 'Better', version: 1 }]);
  edit();
  await settle(1_000);
  expect(saves[1]).toMatchObject({ version: 2 });
  expect(state()).toMatchObject({ status: 'saved', name: 'Better' });
});

test('flush saves at once and waits for the answer', async () => {
  edit();
  await autosave.flush();
  expect(status()).toBe('saved');
  await autosave.flush();
  expect(saves).toHaveLength(1);
});

describe('C2: without the server', () => {
  test('a change waits in the browser, and goes as soon as the connection is back', async () => {
    answer = () => Promise.reject(lost());
    edit();
    autosave.rename('Other');
    await settle(900);
    expect(state()).toMatchObject({ status: 'offline', isKept: true });
    expect(kept).toMatchObject({ workflowId: 7, base: 1, name: 'Other', graph: { nodes: [{ id: 'id1' }] } });
    answer = accept;
    autosave.hurry();
    await settle(1);
    expect(status()).toBe('saved');
    expect(stored).toMatchObject({ name: 'Other', data: { nodes: [{ id: 'id1' }] } });
    expect(kept).toBeNull();
  });

  test('a browser with no room to keep it says so', async () => {
    hasRoom = false;
    edit();
    expect(autosave.keepNow()).toBe(false);
    expect(state().isKept).toBe(false);
    await settle(900);
    expect(state()).toMatchObject({ status: 'saved', isKept: true });
  });

  test('a change is kept soon after it is made, before it is sent', async () => {
    edit();
    await settle(350);
    expect(saves).toEqual([]);
    expect(kept).toMatchObject({ base: 1, sent: null });
  });
});

describe('C1: an answer that was lost', () => {
  test('is no conflict with oneself: what the server has is what was sent', async () => {
    answer = async (change) => {
      await accept(change);
      throw lost();
    };
    edit();
    await settle(900);
    expect(status()).toBe('offline');
    answer = accept;
    edit();
    await settle(5_000);
    expect(status()).toBe('saved');
    expect(stored.data.nodes).toHaveLength(2);
  });

  test('nor is it one in the next visit, which begins with what the browser kept', async () => {
    const sent = graphOf(textNode('a', 'sent'));
    open(
      { ...workflowOf(sent), version: 2 },
      { workflowId: 7, name: 'Mine', base: 1, graph: graphOf(textNode('a', 'newer')), sent },
    );
    await settle(1);
    expect(status()).toBe('saved');
    expect(storedTexts()).toEqual(['newer']);
  });

  test('a name that was given elsewhere is no conflict with the graph', async () => {
    stored = { ...stored, name: 'From the list', version: 2 };
    edit();
    await settle(900);
    expect(state()).toMatchObject({ status: 'saved', version: 3, name: 'From the list' });
    expect(stored.name).toBe('From the list');
  });
});

describe('C3: a refused value', () => {
  const data = graphOf(textNode('a', 'one'), textNode('b', 'two'));
  const refuseText =
    (text: string, error: (nodeId: string) => ApiError) =>
    async (change: WorkflowChange): Promise<Workflow> => {
      const wrong = change.data?.nodes.find((node) => node.data['text'] === text);
      if (wrong !== undefined) throw error(wrong.id);
      return accept(change);
    };

  test('holds nothing else back: its node stays as it was, all other changes are saved', async () => {
    open(workflowOf(data));
    answer = refuseText('secret', (id) =>
      refusal([{ code: 'SECRET_IN_GRAPH', message: 'A key in clear.', nodeIds: [id] }]),
    );
    write('a', 'secret');
    await settle(900);
    write('b', 'more');
    await settle(900);
    expect(storedTexts()).toEqual(['one', 'more']);
    expect(state()).toMatchObject({ status: 'partly', reason: 'A key in clear.' });
    expect(store.getState().findings['a']).toEqual([{ code: 'NOT_SAVED', message: 'Not saved: A key in clear.' }]);
    expect(kept?.graph.nodes[0]?.data['text']).toBe('secret');
    await expect(autosave.flush()).rejects.toThrow('A key in clear.');

    write('a', 'right');
    await settle(900);
    expect(storedTexts()).toEqual(['right', 'more']);
    expect(status()).toBe('saved');
    expect(store.getState().findings).toEqual({});
    expect(kept).toBeNull();
  });

  test('is found where the refusal names no place: what was changed last is left out', async () => {
    open(workflowOf(data));
    answer = refuseText('odd', () => refusal([], 'A text that cannot be stored.'));
    write('a', 'odd');
    await settle(900);
    expect(status()).toBe('partly');
    write('b', 'more');
    await settle(900);
    expect(storedTexts()).toEqual(['one', 'more']);
  });

  test('in a new node keeps that node out, and the edges to it', async () => {
    open(workflowOf(data));
    answer = refuseText('odd', (id) => refusal([{ code: 'X', message: 'Odd.', nodeIds: [id] }]));
    const id = store.getState().addNode('text', { x: 0, y: 0 }, { text: 'odd' });
    await settle(900);
    expect(stored.data.nodes.map((node) => node.id)).toEqual(['a', 'b']);
    write(id, 'fine');
    await settle(900);
    expect(storedTexts()).toEqual(['one', 'two', 'fine']);
  });

  test('that nothing can be left out of is shown with its reason and not repeated', async () => {
    answer = () => Promise.reject(new ApiError(404, 'WORKFLOW_NOT_FOUND', 'There is no workflow 7.'));
    edit();
    await settle(60_000);
    expect(saves).toHaveLength(1);
    expect(state()).toMatchObject({ status: 'refused', reason: 'There is no workflow 7.', isKept: true });
    expect(kept).not.toBeNull();
  });
});

describe('C4: a change that was made elsewhere', () => {
  const theirs = () => {
    stored = { ...stored, version: stored.version + 1, data: graphOf(textNode('t', 'theirs')) };
    return stored.version;
  };

  test('is told of at once where nothing was changed here, and nothing runs until it is shown', async () => {
    await autosave.hear(theirs());
    expect(status()).toBe('outdated');
    await expect(autosave.flush()).rejects.toThrow('changed elsewhere');
    await autosave.takeTheirs();
    expect(store.getState().nodes).toMatchObject([{ id: 't' }]);
    expect(state()).toMatchObject({ status: 'saved', version: 2 });
    await settle(60_000);
    expect(saves).toEqual([]);
  });

  test('is a question where both changed; what stood here stays one step back', async () => {
    open(workflowOf(graphOf(textNode('a', 'one'))));
    theirs();
    write('a', 'mine');
    await settle(900);
    expect(status()).toBe('conflict');
    edit();
    await settle(60_000);
    expect(saves).toHaveLength(1);
    expect(kept?.graph.nodes).toHaveLength(2);
    await autosave.takeTheirs();
    expect(store.getState().nodes).toMatchObject([{ id: 't' }]);
    store.getState().undo();
    await settle(900);
    expect(storedTexts()[0]).toBe('mine');
  });

  test('is saved over where that is chosen', async () => {
    theirs();
    edit();
    await settle(900);
    await autosave.overwrite();
    expect(saves[1]).not.toHaveProperty('version');
    expect(state()).toMatchObject({ status: 'saved', version: 3 });
    const mine = store.getState().nodes;
    store.getState().undo();
    expect(store.getState().nodes).toMatchObject([{ id: 't' }]);
    store.getState().undo();
    expect(store.getState().nodes).toMatchObject(mine.map(({ id }) => ({ id })));
  });

  test('is none where it is this page that made it', async () => {
    edit();
    await settle(900);
    await autosave.hear(2);
    await autosave.hear(1);
    expect(status()).toBe('saved');
  });

  test('is a question at the next visit where this browser kept something older', () => {
    open(
      { ...workflowOf(graphOf(textNode('t', 'theirs'))), version: 5 },
      { workflowId: 7, name: 'Mine', base: 1, graph: graphOf(textNode('a', 'mine')), sent: null },
    );
    expect(status()).toBe('conflict');
    expect(saves).toEqual([]);
  });
});
