import type { WorkflowSettings } from '../../core/graph/settings.ts';
import type { CanvasEdge, CanvasNode } from '../graph/canvas-graph.ts';

/** The graph at one moment, shared with the store and never mutated. */
export interface Snapshot {
  readonly nodes: readonly CanvasNode[];
  readonly edges: readonly CanvasEdge[];
  readonly settings: WorkflowSettings | undefined;
}

interface Entry extends Snapshot {
  /** What was done after this state: "Move 3 nodes". */
  readonly label: string;
  readonly groupKey: string | null;
  readonly atMs: number;
}

/** The way back and the way forward. Snapshots share what did not change, so an entry costs little. */
export interface History {
  readonly past: readonly Entry[];
  readonly future: readonly Entry[];
}

/** What a workflow starts with after it is opened; steps are not saved. */
export const emptyHistory: History = { past: [], future: [] };

/** More steps than anybody goes back; keeps memory bounded. */
const maxEntries = 200;

/** A pause in typing longer than this starts a new step. */
const groupMs = 500;

/** Remembers the state before a change. Changes with one `groupKey` in quick succession are one step. */
export function record(
  history: History,
  before: Snapshot,
  change: { label: string; groupKey?: string | undefined; atMs: number },
): History {
  const last = history.past.at(-1);
  const groupKey = change.groupKey ?? null;
  if (last !== undefined && groupKey !== null && last.groupKey === groupKey && change.atMs - last.atMs <= groupMs) {
    return { past: [...history.past.slice(0, -1), { ...last, atMs: change.atMs }], future: [] };
  }
  const entry: Entry = { ...pick(before), label: change.label, groupKey, atMs: change.atMs };
  return { past: [...history.past, entry].slice(-maxEntries), future: [] };
}

/** One step back: the new history and the state to show; null where there is none. */
export function undo(history: History, current: Snapshot): { history: History; shown: Snapshot; label: string } | null {
  const entry = history.past.at(-1);
  if (entry === undefined) return null;
  return {
    history: {
      past: history.past.slice(0, -1),
      future: [...history.future, { ...entry, ...pick(current), groupKey: null }],
    },
    shown: pick(entry),
    label: entry.label,
  };
}

/** One step forward again. */
export function redo(history: History, current: Snapshot): { history: History; shown: Snapshot; label: string } | null {
  const entry = history.future.at(-1);
  if (entry === undefined) return null;
  return {
    history: {
      past: [...history.past, { ...entry, ...pick(current), groupKey: null }],
      future: history.future.slice(0, -1),
    },
    shown: pick(entry),
    label: entry.label,
  };
}

/** Changes every remembered state that `change` has something new for: what comes late belongs to an earlier step. */
export function amend({ past, future }: History, change: (snapshot: Snapshot) => Snapshot): History {
  const amended = (entry: Entry): Entry => ({ ...entry, ...change(entry) });
  return { past: past.map(amended), future: future.map(amended) };
}

function pick({ nodes, edges, settings }: Snapshot): Snapshot {
  return { nodes, edges, settings };
}
