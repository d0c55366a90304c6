import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { PartEvent } from '../../core/events/part-event.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { forEverybody } from '../../db/acting-for.ts';
import type { Db } from '../../db/client.ts';
import { findProgress, listChangedParts, type ChangePlace } from '../../db/regions/list-parts.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/*
 * Brings what happens to the parts of a region to those who have opened it. A notice says that it is worth looking, a poll
 * looks anyway, and each look reads the parts that have changed since the one before. What is told is how a part stands:
 * of several changes between two looks only the last.
 */
export interface PartListener {
  send(event: PartEvent): void;
}

/** A region that somebody looks into. */
export interface FollowedRegion {
  readonly runId: string;
  /** The part that it lies within; null where that is the run itself. */
  readonly partId: string | null;
  /** As the listener knows it. */
  readonly nodeId: string;
  /** The execution of the region's driver. */
  readonly executionId: string;
}

/** Follows the parts of regions for the live connections of one server. */
export interface PartFeed {
  /** Events from now on, until the function that comes back is called. */
  follow(listener: PartListener, region: FollowedRegion): () => void;
  start(): void;
  /** Waits for reads under way. */
  stop(): Promise<void>;
}

/** What following needs, and how often it looks by itself. */
export interface PartFeedOptions {
  readonly db: Db;
  readonly notices: Pick<NoticeChannel, 'subscribe'>;
  readonly logger: Logger;
  readonly pollIntervalMs: number;
  readonly now: () => Date;
}

/** At most four looks a second. */
const lookEveryMs = 250;
/** Parts told in one look; the next one goes on. */
const readLimit = 500;
/** A change is visible later than the moment that it bears: when its transaction has ended, on another clock than ours. */
const overlapMs = 5_000;
/** Parts of which it is known what was told last. */
const rememberedParts = 20_000;

interface Topic extends Omit<FollowedRegion, 'nodeId'> {
  readonly readers: Map<PartListener, string>;
  readonly told: LRUCache<string, number>;
  toldProgress: string;
  since: Date;
  reading: Promise<void> | null;
  isStale: boolean;
}

/** A feed that follows nothing yet. */
export function createPartFeed({ db, notices, logger, pollIntervalMs, now }: PartFeedOptions): PartFeed {
  const topics = new Map<string, Topic>();
  let unsubscribe: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  function refresh(topic: Topic): void {
    topic.isStale = true;
    if (topic.reading !== null || isStopped) return;
    topic.reading = forEverybody(() => readUntilFresh(topic))
      .catch((error: unknown) => logger.warn({ err: error, runId: topic.runId }, 'changes of parts could not be read'))
      .finally(() => {
        topic.reading = null;
      });
  }

  async function readUntilFresh(topic: Topic): Promise<void> {
    /** Where the page before ended; null: the look begins anew, with the overlap. */
    let place: ChangePlace | null = null;
    while ((topic.isStale || place !== null) && topic.readers.size > 0 && !isStopped) {
      if (place === null) topic.isStale = false;
      place = await readPage(topic, place ?? { changedAt: topic.since.toISOString(), id: null });
      const parts = await findProgress(db, topic.executionId);
      const progress = JSON.stringify(parts);
      if (parts !== null && progress !== topic.toldProgress) {
        topic.toldProgress = progress;
        tell(topic, (nodeId) => ({
          type: 'parts.updated',
          ...{ runId: topic.runId, partId: topic.partId, nodeId, parts },
        }));
      }
      await sleep(lookEveryMs, undefined, { ref: false });
    }
  }

  /** Tells of the changes after a place. Gives where there may be more; they may all bear one moment. */
  async function readPage(topic: Topic, after: ChangePlace): Promise<ChangePlace | null> {
    const changed = await listChangedParts(db, topic, after, readLimit);
    const { runId } = topic;
    for (const { seq, changedAt, ...part } of changed) {
      if (topic.told.get(part.id) === seq) continue;
      topic.told.set(part.id, seq);
      tell(topic, (nodeId) => ({ type: 'part.updated', runId, nodeId, ...part }));
      topic.since = new Date(Math.max(topic.since.getTime(), Date.parse(changedAt) - overlapMs));
    }
    const last = changed.at(-1);
    return last === undefined || changed.length < readLimit ? null : { changedAt: last.changedAt, id: last.id };
  }

  function tell(topic: Topic, eventFor: (nodeId: string) => PartEvent): void {
    for (const [listener, nodeId] of [...topic.readers]) listener.send(eventFor(nodeId));
  }

  function refreshAll(): void {
    for (const topic of topics.values()) refresh(topic);
  }

  return {
    follow: (listener, { runId, partId, nodeId, executionId }) => {
      const known = topics.get(executionId);
      const topic: Topic = known ?? {
        runId,
        partId,
        executionId,
        readers: new Map(),
        told: new LRUCache({ max: rememberedParts }),
        toldProgress: '',
        since: new Date(now().getTime() - overlapMs),
        reading: null,
        isStale: false,
      };
      topics.set(executionId, topic);
      topic.readers.set(listener, nodeId);
      refresh(topic);
      return () => {
        topic.readers.delete(listener);
        if (topic.readers.size === 0 && topics.get(executionId) === topic) topics.delete(executionId);
      };
    },
    start: () => {
      unsubscribe = notices.subscribe((notice) => {
        const topic = notice.kind === 'parts' ? topics.get(notice.executionId) : undefined;
        if (topic !== undefined) refresh(topic);
      }, refreshAll);
      timer = setInterval(refreshAll, pollIntervalMs);
    },
    stop: async () => {
      isStopped = true;
      unsubscribe?.();
      clearInterval(timer);
      await Promise.all([...topics.values()].map(async ({ reading }) => reading));
      topics.clear();
    },
  };
}
