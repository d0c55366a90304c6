import { createStore, type StoreApi } from 'zustand/vanilla';
import type { RunDetail } from '../../core/api/runs.ts';
import type { RunEvent } from '../../core/events/run-event.ts';
import type { Pace } from './pace.ts';
import { applyEvents, viewOf, type NodeRunState, type RunView } from './run-view.ts';

/**
 * How states come in.
 * - online: over the live connection
 * - requests: there is none, and the page asks again and again
 * - offline: the server cannot be reached
 * - closed: the workflow is not open to the account any more
 */
export type Connection = 'connecting' | 'online' | 'requests' | 'offline' | 'closed';

/** The shown run, and whether live events arrive. */
export interface RunStoreState {
  /** The run whose states are on the nodes; null before the first run. */
  readonly view: RunView | null;
  readonly connection: Connection;
}

/** Keeps the shown run up to date with its events. */
export interface RunStore {
  readonly api: StoreApi<RunStoreState>;
  /** Takes over a run as the server has it; an older state of the same run changes nothing. */
  show(detail: RunDetail, seq: number): void;
  /** Collects events; all that come until the pace lets them be shown are applied together. */
  receive(event: RunEvent): void;
  clear(): void;
}

/** When changes are applied, and who fetches what is missing. */
export interface RunStoreDeps {
  readonly pace: Pace;
  /** Called when a status event is missing. */
  readonly onGap: (runId: string, afterSeq: number) => void;
}

/** Run state by node id, apart from the graph: a node subscribes to its own entry. */
export function createRunStore({ pace, onGap }: RunStoreDeps): RunStore {
  const api = createStore<RunStoreState>()(() => ({ view: null, connection: 'connecting' }));
  let waiting: RunEvent[] = [];

  function applyWaiting(): void {
    const events = waiting;
    waiting = [];
    const { view } = api.getState();
    if (view === null) return;
    const applied = applyEvents(view, events);
    if (applied.hasGap) {
      onGap(view.run.id, view.seq);
    }
    if (applied.view !== view) api.setState({ view: applied.view });
  }

  return {
    api,
    show: (detail, seq) => {
      const { view } = api.getState();
      if (view !== null && view.run.id === detail.id && view.seq > seq) return;
      const next = viewOf(detail, seq);
      api.setState({ view: view?.run.id === detail.id ? keepStreams(next, view) : next });
    },
    receive: (event) => {
      if (waiting.push(event) > 1) return;
      pace(applyWaiting, Object.keys(api.getState().view?.nodes ?? {}).length);
    },
    clear: () => api.setState({ view: null }),
  };
}

/** Streamed text and percents are not part of a snapshot; what is known already stays. */
function keepStreams(next: RunView, known: RunView): RunView {
  const nodes: Record<string, NodeRunState> = {};
  for (const [id, state] of Object.entries(next.nodes)) {
    const old = known.nodes[id];
    nodes[id] =
      old !== undefined && old.execution.attempt === state.execution.attempt && state.execution.status === 'RUNNING'
        ? { ...old, execution: state.execution }
        : state;
  }
  return { ...next, nodes };
}
