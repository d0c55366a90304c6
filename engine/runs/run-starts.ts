import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import { forEverybody } from '../../db/acting-for.ts';
import { newRunRow, type NewRun, type NewRunRow } from '../../db/runs/new-run.ts';
import { startRuns, type HeldUpRun, type InsertedRun, type RefusedRun, type RunStart } from '../../db/runs/start.ts';
import { freezeWorkflowVersion } from '../../db/workflows/freeze-version.ts';
import { waitForWorkflow } from '../../db/workflows/wait.ts';
import { createGroupCommit } from '../group-commit.ts';
import { isLockTimeout, mayBeOneItem } from '../outage.ts';
import type { HashedGraph } from './known-workflows.ts';

/** Writes new runs, those of concurrent requests in groups. */
export interface RunStarts {
  /** Runs of one user that may be under way, and that may wait for their turn. */
  readonly limits: RunLimits;
  /** Inserts a run of the graph, frozen as a version of its workflow: the same one for the same content. */
  insert(graph: HashedGraph, run: UnfrozenRun): Promise<RunStart>;
}

/** A run without its version, which its graph becomes. */
export type UnfrozenRun = Omit<NewRun, 'workflowId' | 'workflowVersionId'>;

/** How many runs of one user may be under way, and how many may wait for that. */
export interface RunLimits {
  readonly maxActive: number;
  readonly maxWaiting: number;
}

/** What a run came to that is there now, whoever inserted it. */
export interface StartedInGroup {
  readonly run: NewRun;
  readonly turn: InsertedRun['turn'] | Extract<RefusedRun['turn'], 'known'>;
}

/** What inserting runs in groups needs. */
export interface RunStartsDependencies {
  readonly pool: pg.Pool;
  readonly limits: RunLimits;
  readonly newId: () => string;
  /** Refuses a new version that there is no room for; `bytes` is the most that it can take. */
  readonly requireRoom: (userId: string, bytes: number) => Promise<void>;
  /** Hears of the runs of a group, once it is durable. */
  readonly onStarted: (group: readonly StartedInGroup[]) => void;
}

const lanes = 2;
/** Rows of some small runs; more in one statement make it slower for all without fewer round trips that matter. */
const maxBatch = 256;
/** So that the first of many starts is not kept waiting: a run of five hundred nodes takes about as much. */
const maxBatchCharacters = 500_000;
/** Ids only: a few hundred kilobytes. */
const rememberedVersions = 2_000;

/** Inserts runs that are started at about the same time by one statement. */
export function createRunStarts(dependencies: RunStartsDependencies): RunStarts {
  const { pool, limits, newId, requireRoom, onStarted } = dependencies;
  /** By workflow and content; what is being frozen, many first starts wait for together. */
  const versions = new LRUCache<string, Promise<string>>({ max: rememberedVersions });
  /** Workflows that somebody holds, and until when. */
  const locked = new Map<number, Promise<void>>();

  async function commit(rows: readonly NewRunRow[]): Promise<(RunStart | HeldUpRun)[]> {
    const starts = await startRuns(pool, rows, limits);
    onStarted(rows.flatMap(({ run }, index) => startedOf(run, starts[index]!.turn)));
    return starts;
  }

  const inserts = createGroupCommit<NewRunRow, RunStart | HeldUpRun>({
    // Of whoever came to be in one group.
    commit: (rows) => forEverybody(() => commit(rows)),
    lanes,
    maxBatch,
    size: { of: ({ json }) => json.length, most: maxBatchCharacters },
    // Starts of one user wait for each other in the database; in one lane they leave the connections to everybody else.
    keyOf: ({ run }) => run.userId,
    ownerOf: ({ run }) => run.userId,
    // One bad run, such as one whose workflow was deleted meanwhile, fails alone.
    isApart: mayBeOneItem,
    // A user whose access is being ended.
    isOfOneOwner: isLockTimeout,
  });

  /** Many starts of one workflow wait on one connection. */
  function waitFor(workflowId: number): Promise<void> {
    const known = locked.get(workflowId);
    if (known !== undefined) return known;
    const waiting = waitForWorkflow(pool, workflowId).finally(() => locked.delete(workflowId));
    locked.set(workflowId, waiting);
    return waiting;
  }

  async function submit(row: NewRunRow): Promise<RunStart> {
    for (;;) {
      const start = await inserts.submit(row);
      if (start.turn !== 'locked') return start;
      await waitFor(row.run.workflowId);
    }
  }

  async function freeze({ workflowId, data, contentHash }: HashedGraph, userId: string): Promise<string> {
    await requireRoom(userId, Buffer.byteLength(JSON.stringify(data)));
    return freezeWorkflowVersion(pool, { id: newId(), workflowId, contentHash, graph: data });
  }

  function versionOf(graph: HashedGraph, userId: string, key: string): Promise<string> {
    const known = versions.get(key);
    if (known !== undefined) return known;
    const freezing = freeze(graph, userId);
    versions.set(key, freezing);
    freezing.catch(() => {
      if (versions.peek(key) === freezing) versions.delete(key);
    });
    return freezing;
  }

  return {
    limits,
    insert: async (graph, run) => {
      const { workflowId } = graph;
      const key = `${workflowId} ${graph.contentHash}`;
      const insert = async (version: Promise<string>) =>
        submit(newRunRow({ ...run, workflowId, workflowVersionId: await version }));
      const version = versionOf(graph, run.userId, key);
      const start = await insert(version);
      if (start.turn !== 'stale') return start;
      // A version that no run used any more was removed since it was looked for.
      if (versions.peek(key) === version) versions.delete(key);
      return insert(versionOf(graph, run.userId, key));
    },
  };
}

function startedOf(run: NewRun, turn: (RunStart | HeldUpRun)['turn']): StartedInGroup[] {
  return turn === 'admitted' || turn === 'waiting' || turn === 'known' ? [{ run, turn }] : [];
}
