import { LRUCache } from 'lru-cache';
import type { Notice } from '../../core/events/notice.ts';
import type { RunEvent } from '../../core/events/run-event.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { forEverybody } from '../../db/acting-for.ts';
import type { Db } from '../../db/client.ts';
import { listRunEvents } from '../../db/runs/list-events.ts';
import { listRunPositions, listWorkflowPositions, type RunPosition } from '../../db/runs/list-positions.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/*
 * Brings status events from Postgres to the listeners of one server.
 *
 * The rows of run_events are the truth: `seq` grows by one within a run, and a
 * row is visible only after all rows before it. So each listener keeps one
 * number per run, the seq it has, and gets exactly the next one, whichever
 * server wrote it. Notices only say that it is worth looking; a poll looks
 * anyway. One run is read by one loop at a time, for all of its listeners.
 */

/** Somebody who wants events, such as a socket. */
export interface RunListener {
  send(event: RunEvent): void;
}

/** Follows runs for the live connections of one server. */
export interface RunFeed {
  /** Events of a run after `afterSeq`, until the function that comes back is called. */
  followRun(
    listener: RunListener,
    run: { readonly id: string; readonly workflowId: number },
    afterSeq: number,
  ): () => void;
  /** Events of every run of a workflow from now on, until the function that comes back is called. */
  followWorkflow(
    listener: RunListener,
    workflow: { readonly id: number; readonly scope: InWorkspace },
  ): Promise<() => void>;
  start(): void;
  /** Waits for reads under way. */
  stop(): Promise<void>;
}

/** What following needs, and how often it looks by itself. */
export interface RunFeedOptions {
  readonly db: Db;
  readonly notices: Pick<NoticeChannel, 'subscribe' | 'publish'>;
  readonly logger: Logger;
  readonly pollIntervalMs: number;
  readonly now: () => Date;
}

/** Rows a read takes at once: a node's event may carry an output of 256 KB. */
const readLimit = 200;
/** Runs of a workflow that a new follower counts as known; older ones that are finished have no news. */
const knownRuns = 100;
/** Runs looked at in each poll of a followed workflow. */
const polledRuns = 20;
/** Finished runs a follower remembers, so that a late notice does not send them again. */
const rememberedRuns = 2_000;

interface Reader {
  cursor: number;
  /** Subscribed to the run itself, not only through its workflow. */
  isExplicit: boolean;
  isFollowing: boolean;
}

interface RunTopic {
  readonly id: string;
  readonly workflowId: number;
  readonly readers: Map<RunListener, Reader>;
  reading: Promise<void> | null;
  isStale: boolean;
}

interface WorkflowFollower {
  readonly scope: InWorkspace;
  /** The seq that the follower has of each run it knows; an unknown run is new and starts at 0. */
  readonly known: LRUCache<string, number>;
}

/** A feed that follows nothing yet. */
export function createRunFeed(options: RunFeedOptions): RunFeed {
  const { db, logger } = options;
  const topics = new Map<string, RunTopic>();
  const workflows = new Map<number, Map<RunListener, WorkflowFollower>>();
  let unsubscribe: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> | null = null;
  let isStopped = false;

  function topicOf(id: string, workflowId: number): RunTopic {
    const topic = topics.get(id) ?? { id, workflowId, readers: new Map(), reading: null, isStale: false };
    topics.set(id, topic);
    return topic;
  }

  function dropIfUnused(topic: RunTopic): void {
    if (topic.readers.size === 0 && topics.get(topic.id) === topic) topics.delete(topic.id);
  }

  /** Reads what is new of a run, now or right after the read that is under way. */
  function refresh(topic: RunTopic): void {
    topic.isStale = true;
    if (topic.reading !== null || isStopped) return;
    topic.reading = forEverybody(() => readUntilFresh(topic))
      .then(
        () => true,
        (error: unknown) => {
          logger.warn({ err: error, runId: topic.id }, 'run events could not be read');
          return false;
        },
      )
      .then((isRead) => {
        topic.reading = null;
        if (!topic.isStale || topic.readers.size === 0) return;
        // News came just as the read ended, or the database is away.
        if (isRead) refresh(topic);
        else retryOnPoll.add(topic.id);
      });
  }
  /** Runs whose read failed: the next poll reads them again. */
  const retryOnPoll = new Set<string>();

  async function readUntilFresh(topic: RunTopic): Promise<void> {
    while (topic.isStale && topic.readers.size > 0 && !isStopped) {
      const after = Math.min(...[...topic.readers.values()].map((reader) => reader.cursor));
      const events = await listRunEvents(db, topic.id, after, readLimit);
      topic.isStale = false;
      for (const event of events) deliver(topic, event);
      if (events.length === readLimit) topic.isStale = true;
      // Somebody joined behind this read, or sits behind its first row.
      const last = events.at(-1)?.seq ?? after;
      if ([...topic.readers.values()].some((reader) => reader.cursor < last)) topic.isStale = true;
    }
  }

  function deliver(topic: RunTopic, event: RunEvent): void {
    for (const [listener, reader] of [...topic.readers]) {
      if (event.seq !== reader.cursor + 1) continue;
      reader.cursor = event.seq;
      if (reader.isFollowing) workflows.get(topic.workflowId)?.get(listener)?.known.set(topic.id, event.seq);
      listener.send(event);
    }
    if (event.type === 'run.updated' && isRunFinished(event.status)) releaseReaders(topic, event.seq);
  }

  /** A finished run has no more events: whoever has the last one needs no place in it any more. */
  function releaseReaders(topic: RunTopic, lastSeq: number): void {
    for (const [listener, reader] of topic.readers) if (reader.cursor === lastSeq) topic.readers.delete(listener);
    dropIfUnused(topic);
  }

  /** News of a run: who follows its workflow is put among its readers first. */
  function noticeRun(position: Pick<RunPosition, 'id' | 'workflowId' | 'seq'>): void {
    for (const [listener, follower] of workflows.get(position.workflowId) ?? []) {
      const cursor = follower.known.get(position.id) ?? 0;
      if (cursor >= position.seq) continue;
      const topic = topicOf(position.id, position.workflowId);
      const reader = topic.readers.get(listener);
      if (reader === undefined) topic.readers.set(listener, { cursor, isExplicit: false, isFollowing: true });
      else reader.isFollowing = true;
    }
    const topic = topics.get(position.id);
    if (topic !== undefined && [...topic.readers.values()].some((reader) => reader.cursor < position.seq))
      refresh(topic);
  }

  function onNotice(notice: Notice): void {
    if (notice.kind === 'events')
      return noticeRun({ id: notice.runId, workflowId: notice.workflowId, seq: notice.seq });
    if (notice.kind !== 'progress' && notice.kind !== 'delta') return;
    for (const [listener, reader] of topics.get(notice.runId)?.readers ?? []) {
      listener.send(hintOf(notice, reader.cursor, options.now()));
    }
  }

  async function pollWorkflow(id: number, scope: InWorkspace): Promise<void> {
    for (const position of await listWorkflowPositions(db, scope, id, polledRuns)) noticeRun(position);
  }

  async function poll(): Promise<void> {
    for (const id of retryOnPoll) {
      const topic = topics.get(id);
      if (topic !== undefined) refresh(topic);
    }
    retryOnPoll.clear();
    const ids = [...topics.keys()];
    const positions = await listRunPositions(db, ids);
    const found = new Set(positions.map((position) => position.id));
    for (const position of positions) noticeRun(position);
    // A deleted run sends nothing any more.
    for (const id of ids) if (!found.has(id)) topics.delete(id);
    for (const [id, followers] of workflows) {
      const [follower] = followers.values();
      if (follower !== undefined) await pollWorkflow(id, follower.scope);
    }
  }

  function pollOnce(): void {
    if (polling !== null || isStopped || (topics.size === 0 && workflows.size === 0)) return;
    polling = poll()
      .catch((error: unknown) => logger.warn({ err: error }, 'live events could not be polled'))
      .finally(() => (polling = null));
  }

  /** Notices were missed: the rows are read now, and what nodes have streamed is told once more. */
  function makeGood(): void {
    pollOnce();
    void options.notices.publish([...topics.keys()].map((runId) => ({ kind: 'watched', runId })));
  }

  return {
    followRun: (listener, run, afterSeq) => {
      const topic = topicOf(run.id, run.workflowId);
      const reader = topic.readers.get(listener) ?? { cursor: afterSeq, isExplicit: true, isFollowing: false };
      // A listener that is there already and says that it has less gets it again.
      reader.cursor = Math.min(reader.cursor, afterSeq);
      reader.isExplicit = true;
      topic.readers.set(listener, reader);
      refresh(topic);
      return () => {
        reader.isExplicit = false;
        if (!reader.isFollowing) topic.readers.delete(listener);
        dropIfUnused(topic);
      };
    },

    followWorkflow: async (listener, workflow) => {
      const positions = await listWorkflowPositions(db, workflow.scope, workflow.id, knownRuns);
      const known = new LRUCache<string, number>({ max: rememberedRuns });
      for (const position of positions) known.set(position.id, position.seq);
      const followers = workflows.get(workflow.id) ?? new Map<RunListener, WorkflowFollower>();
      followers.set(listener, { scope: workflow.scope, known });
      workflows.set(workflow.id, followers);
      // Whatever began while the known runs were read.
      void pollWorkflow(workflow.id, workflow.scope).catch(() => undefined);
      return () => {
        followers.delete(listener);
        if (followers.size === 0) workflows.delete(workflow.id);
        for (const topic of [...topics.values()]) {
          const reader = topic.workflowId === workflow.id ? topic.readers.get(listener) : undefined;
          if (reader === undefined) continue;
          reader.isFollowing = false;
          if (!reader.isExplicit) topic.readers.delete(listener);
          dropIfUnused(topic);
        }
      };
    },

    start: () => {
      unsubscribe = options.notices.subscribe(onNotice, makeGood);
      timer = setInterval(pollOnce, options.pollIntervalMs);
    },

    stop: async () => {
      isStopped = true;
      unsubscribe?.();
      clearInterval(timer);
      await Promise.allSettled([polling, ...[...topics.values()].map((topic) => topic.reading)]);
      topics.clear();
      workflows.clear();
    },
  };
}

/** A progress or delta notice as the event that clients know. */
function hintOf(notice: Extract<Notice, { kind: 'progress' | 'delta' }>, seq: number, at: Date): RunEvent {
  const head = { seq, at: at.toISOString() };
  return notice.kind === 'progress'
    ? { ...head, type: 'node.progress', ...withoutKind(notice) }
    : { ...head, type: 'node.delta', ...withoutKind(notice) };
}

function withoutKind<N extends { kind: string }>({ kind: _kind, ...facts }: N): Omit<N, 'kind'> {
  return facts;
}
