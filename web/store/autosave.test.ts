import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Graph } from '../../core/graph/graph.ts';
import { ApiError } from '../api/api-error.ts';
import { createAutosave, type Autosave } from './autosave.ts';
import { createWorkflowStore, type WorkflowStoreApi } from './workflow-store.ts';

let store: WorkflowStoreApi;
let autosave: Autosave;
let saves: { graph: Graph; version: number | null }[];
let answer: (version: number | null) => Promise<{ version: number }>;

beforeEach(() => {
  jest.useFakeTimers();
  saves = [];
  answer = async (version) => ({ version: (version ?? 10) + 1 });
  let ids = 0;
  store = createWorkflowStore(
    {
      catalogue: new Map(),
      createId: () => `id${(ids += 1)}`,
      now: () => 0,
      notify: () => undefined,
      startRun: async () => undefined,
    },
    { nodes: [], edges: [] },
  );
  autosave = createAutosave({
    store,
    version: 1,
    save: (graph, version) => {
      saves.push({ graph, version });
      return answer(version);
    },
    rename: (_name, version) => answer(version),
  });
  autosave.start();
});

afterEach(() => {
  autosave.stop();
  jest.useRealTimers();
});

const edit = () => store.getState().addNode('text', { x: 0, y: 0 });
const status = () => autosave.state.getState().status;
const settle = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('changes in quick succession are saved once, after a pause', async () => {
  edit();
  await settle(500);
  edit();
  expect(status()).toBe('dirty');
  await settle(500);
  expect(saves).toEqual([]);
  await settle(400);
  expect(saves).toHaveLength(1);
  expect(saves[0]).toMatchObject({ version: 1, graph: { nodes: [{ id: 'id1' }, { id: 'id2' }] } });
  expect(saves[0]?.graph.nodes[0]).not.toHaveProperty('selected');
  expect(autosave.state.getState()).toMatchObject({ status: 'saved', version: 2 });
});

test('a change during a save is saved after it, on the new version', async () => {
  let release: (saved: { version: number }) => void = () => undefined;
  answer = () => new Promise((resolve) => (release = resolve));
  edit();
  await settle(1_000);
  edit();
  answer = async (version) => ({ version: (version ?? 0) + 1 });
  release({ version: 2 });
  await settle(1_000);
  expect(saves.map(({ version }) => version)).toEqual([1, 2]);
  expect(status()).toBe('saved');
});

describe('when it cannot be saved', () => {
  test('a lost connection is tried again until it is back', async () => {
    answer = () => Promise.reject(new ApiError(0, 'NETWORK', 'gone'));
    edit();
    await settle(900);
    expect(status()).toBe('offline');
    answer = async () => ({ version: 2 });
    await settle(5_000);
    expect(status()).toBe('saved');
  });

  test('a conflict stops saving until the user overwrites', async () => {
    answer = () => Promise.reject(new ApiError(409, 'WORKFLOW_VERSION_CONFLICT', 'changed'));
    edit();
    await settle(900);
    expect(status()).toBe('conflict');
    edit();
    await settle(60_000);
    expect(saves).toHaveLength(1);
    await expect(autosave.flush()).rejects.toThrow('changed elsewhere');
    answer = async () => ({ version: 7 });
    await autosave.overwrite();
    expect(saves[1]?.version).toBeNull();
    expect(autosave.state.getState()).toMatchObject({ status: 'saved', version: 7 });
  });

  test('a refusal is shown with its reason and not repeated', async () => {
    answer = () => Promise.reject(new ApiError(422, 'NODE_DATA_INVALID', 'The crop box has no width.'));
    edit();
    await settle(900);
    await settle(60_000);
    expect(saves).toHaveLength(1);
    expect(autosave.state.getState()).toMatchObject({ status: 'refused', reason: 'The crop box has no width.' });
  });
});

test('a new name is a new version, and the next save is made on it', async () => {
  await autosave.rename('Better');
  edit();
  await settle(1_000);
  expect(saves).toMatchObject([{ version: 2 }]);
  expect(status()).toBe('saved');
});

test('flush saves at once and waits for the answer', async () => {
  edit();
  await autosave.flush();
  expect(status()).toBe('saved');
  await autosave.flush();
  expect(saves).toHaveLength(1);
});
