import type { Graph } from '../../core/graph/graph.ts';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { ApiError } from '../api/api-error.ts';
import { toGraph } from '../graph/canvas-graph.ts';
import type { WorkflowStoreApi } from './workflow-store.ts';

/**
 * - dirty: changes wait for a pause in the work
 * - offline: the server could not be reached; tried again until it can
 * - conflict: somebody else saved in between; nothing is saved until the user has chosen
 * - refused: the server found the graph invalid; saved again with the next change
 */
export type SaveStatus = 'saved' | 'dirty' | 'saving' | 'offline' | 'conflict' | 'refused';

export interface SaveState {
  readonly status: SaveStatus;
  /** The version on the server that the canvas is based on. */
  readonly version: number;
  /** Why the server refused, in words. */
  readonly reason: string | null;
}

export interface AutosaveDeps {
  readonly store: WorkflowStoreApi;
  readonly version: number;
  /** Sends the graph; `version` null overwrites whatever is there. Throws ApiError. */
  readonly save: (graph: Graph, version: number | null) => Promise<{ version: number }>;
  /** Sends a new name, which is a new version too. Throws ApiError. */
  readonly rename: (name: string, version: number) => Promise<{ version: number }>;
  /** Default 800 ms: a pause in the work, not in a word. */
  readonly delayMs?: number;
  /** First wait after a failed try; doubles up to 30 s. Default 1000 ms. */
  readonly retryMs?: number;
}

export interface Autosave {
  readonly state: StoreApi<SaveState>;
  start(): void;
  /** Stops watching; a save under way still ends. */
  stop(): void;
  /** Saves now; resolves when the server has it. Throws where it cannot be saved. */
  flush(): Promise<void>;
  /** After a conflict: saves over what is there. */
  overwrite(): Promise<void>;
  /** Gives the workflow another name, between two saves. Throws where it cannot be saved. */
  rename(name: string): Promise<void>;
}

const maxRetryMs = 30_000;

/** Saves the graph of a store some time after each change, one request at a time. */
export function createAutosave({
  store,
  version,
  save,
  rename,
  delayMs = 800,
  retryMs = 1_000,
}: AutosaveDeps): Autosave {
  const state = createStore<SaveState>()(() => ({ status: 'saved', version, reason: null }));
  let savedRevision = store.getState().revision;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waitMs = retryMs;
  let underWay: Promise<void> | null = null;
  let unsubscribe: (() => void) | undefined;

  const isUnsaved = () => store.getState().revision !== savedRevision;

  async function send(base: number | null): Promise<void> {
    const { nodes, edges, revision } = store.getState();
    state.setState({ status: 'saving', reason: null });
    try {
      const saved = await save(toGraph(nodes, edges), base);
      savedRevision = revision;
      waitMs = retryMs;
      state.setState({ status: isUnsaved() ? 'dirty' : 'saved', version: saved.version });
      if (isUnsaved()) schedule(delayMs);
    } catch (error) {
      if (isConflict(error)) state.setState({ status: 'conflict' });
      else if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        // Saving the same again would be refused again.
        state.setState({ status: 'refused', reason: error.message });
      } else {
        state.setState({ status: 'offline' });
        schedule(waitMs);
        waitMs = Math.min(waitMs * 2, maxRetryMs);
      }
      throw error;
    }
  }

  function schedule(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A failure shows in the state and is tried again from there.
      flush().catch(() => undefined);
    }, afterMs);
  }

  /** The version to build on, once nothing is under way. */
  async function settledBase(): Promise<number> {
    while (underWay !== null) await underWay.catch(() => undefined);
    const { status, version: base } = state.getState();
    if (status === 'conflict')
      throw new Error('This workflow was changed elsewhere. Choose which version to keep first.');
    return base;
  }

  async function sendName(name: string, base: number): Promise<void> {
    try {
      state.setState({ version: (await rename(name, base)).version });
    } catch (error) {
      if (isConflict(error)) state.setState({ status: 'conflict' });
      throw error;
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    const base = await settledBase();
    if (!isUnsaved()) return;
    underWay = send(base).finally(() => (underWay = null));
    await underWay;
  }

  return {
    state,
    start: () => {
      let seen = store.getState().revision;
      unsubscribe = store.subscribe(({ revision }) => {
        if (revision === seen) return;
        seen = revision;
        const { status } = state.getState();
        if (status === 'conflict') return;
        if (status !== 'saving') state.setState({ status: 'dirty', reason: null });
        schedule(delayMs);
      });
    },
    stop: () => {
      unsubscribe?.();
      clearTimeout(timer);
    },
    flush,
    overwrite: async () => {
      while (underWay !== null) await underWay.catch(() => undefined);
      underWay = send(null).finally(() => (underWay = null));
      await underWay;
    },
    rename: async (name) => {
      const base = await settledBase();
      underWay = sendName(name, base).finally(() => (underWay = null));
      await underWay;
    },
  };
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'WORKFLOW_VERSION_CONFLICT';
}
