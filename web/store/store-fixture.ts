import type { StartRunBody } from '../../core/api/runs.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import type { ToastOptions } from '../ui/notify.ts';
import type { WorkflowStore } from './types.ts';
import { createWorkflowStore } from './workflow-store.ts';

/** An empty workflow for tests, whose clock stands still and whose runs and messages are kept. */
export interface StoreFixture {
  /** The time in ms; tests move it on. */
  now: number;
  /** What was asked to run, in order. */
  readonly started: StartRunBody[];
  readonly toasts: ToastOptions[];
  /** Default: keeps the request in `started`. */
  startRun: (body: StartRunBody) => Promise<void>;
  state(): WorkflowStore;
  /** The steps that could be undone, the oldest first. */
  undoLabels(): string[];
  connect(source: string, target: string, targetHandle: string): void;
}

/** A store with an empty workflow, a clock that stands still and ids that count up, for tests of slices. */
export function createStoreFixture(catalogue: Catalogue): StoreFixture {
  let ids = 0;
  const fixture: StoreFixture = {
    now: 0,
    started: [],
    toasts: [],
    startRun: async (body) => void fixture.started.push(body),
    state: () => store.getState(),
    undoLabels: () => fixture.state().history.past.map(({ label }) => label),
    connect: (source, target, targetHandle) =>
      fixture.state().onConnect({ source, sourceHandle: 'output', target, targetHandle }),
  };
  const store = createWorkflowStore(
    {
      catalogue,
      createId: () => `id${(ids += 1)}`,
      now: () => fixture.now,
      notify: (toast) => fixture.toasts.push(toast),
      startRun: (body) => fixture.startRun(body),
    },
    { nodes: [], edges: [] },
  );
  return fixture;
}
