import type { Request, Response } from 'express';
import type { RunDetail } from '../../core/api/runs.ts';
import { AppError, RetryableError } from '../../core/errors/app-error.ts';
import type { RunEvent } from '../../core/events/run-event.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import { isRunFinished } from '../../core/run/status.ts';
import type { Scope } from '../../core/scope.ts';
import { createPlaces } from '../limits/places.ts';
import type { RunDetails } from './run-detail.ts';

/** Brings the events of runs to whoever listens. */
export interface RunFollowing {
  /** Events of a run after `afterSeq`, until the function that comes back is called. */
  followRun(
    listener: { send(event: RunEvent): void },
    run: { readonly id: string; readonly workflowId: number },
    afterSeq: number,
  ): () => void;
}

/** A stream of server-sent events on a response. */
interface Sink {
  send(event: string, data: object, id?: number): void;
  end(): void;
}

/** One listener: what it follows, and where it is told. */
export interface RunStream {
  readonly scope: Scope;
  /** As the listener has it, or is to have it first. */
  readonly run: Pick<RunDetail, 'id' | 'workflowId' | 'seq' | 'status'>;
  /** What is sent first; null where the listener was there before. */
  readonly first: RunDetail | null;
  /** The newest seq that the listener has. */
  readonly afterSeq: number;
  readonly response: Response;
  readonly open: (response: Response) => Sink;
  /** Aborts when the listener leaves, or may not listen any more. */
  readonly signal: AbortSignal;
  /** What is told of a failure. */
  readonly problemOf: (error: unknown) => object;
}

/** Streams runs as server-sent events. */
export interface RunStreams {
  /** Takes a place for one stream of a user; calling what comes back gives it up. Throws RATE_LIMITED. */
  claim(userId: string): () => void;
  /**
   * Sends the run (`run`), then its events by their types with their `seq` as `id`, and at the end of the run the run as it
   * is then (`done`). Ends earlier, without a word, where the server stops, the reader is too slow, or the stream is old: the
   * listener then comes again with the last id that it has.
   */
  pipe(stream: RunStream): Promise<void>;
  /** Ends all of them. */
  stop(): void;
}

/** A page that shows many runs, and some programs beside it. */
const streamsOfOne = 30;
/** What a slow reader may leave unread: some dozen large outputs. */
const maxUnreadBytes = 8 * 1_048_576;
/** Long runs go on in another stream: until then a listener of a run that was deleted would wait. */
const longestMs = 15 * 60_000;

/** Whether a request asks for server-sent events. */
export function wantsEvents(request: Request): boolean {
  return /\btext\/event-stream\b/i.test(request.get('Accept') ?? '');
}

/** Sends runs to listeners without a socket, by the same feed as the live events. */
export function createRunStreams({
  feed,
  details,
  logger,
}: {
  readonly feed: RunFollowing;
  readonly details: Pick<RunDetails, 'find'>;
  readonly logger: Logger;
}): RunStreams {
  const places = createPlaces(streamsOfOne);
  const open = new Set<() => void>();

  return {
    claim: (userId) => {
      const leave = places.take(userId);
      if (leave !== null) return leave;
      throw new RetryableError(
        'RATE_LIMITED',
        `You listen to ${streamsOfOne} runs at once already. Close one of the streams, or ask for the run instead.`,
        { retryAfterMs: 5_000 },
      );
    },

    pipe: (stream) =>
      new Promise((resolve) => {
        const { response, run, scope, signal } = stream;
        const sink = stream.open(response);
        let isOver = false;
        const end = () => {
          if (isOver) return;
          isOver = true;
          unfollow();
          clearTimeout(timer);
          open.delete(end);
          signal.removeEventListener('abort', onAbort);
          sink.end();
          resolve();
        };
        const fail = (error: unknown) => {
          if (isOver) return;
          logger.warn({ err: error, runId: run.id }, 'a stream of a run failed');
          sink.send('error', stream.problemOf(error));
          end();
        };
        const onAbort = () => {
          // Ended with the right to it: that is what is told.
          if (!isOver && signal.reason instanceof AppError) sink.send('error', stream.problemOf(signal.reason));
          end();
        };
        const finish = async () => {
          const finished = await details.find(scope, run.id);
          if (isOver) return;
          if (finished !== null) sink.send('done', finished, finished.seq);
          end();
        };
        let unfollow = () => {};
        const timer = setTimeout(end, longestMs);
        open.add(end);
        signal.addEventListener('abort', onAbort);
        if (signal.aborted) return onAbort();
        if (stream.first !== null) sink.send('run', stream.first, stream.first.seq);
        if (isRunFinished(run.status) && stream.afterSeq >= run.seq) {
          finish().catch(fail);
          return;
        }
        const listener = {
          send: (event: RunEvent) => {
            if (isOver) return;
            const isRow = event.type === 'run.updated' || event.type === 'node.updated';
            sink.send(event.type, event, isRow ? event.seq : undefined);
            if (response.writableLength > maxUnreadBytes) end();
            else if (event.type === 'run.updated' && isRunFinished(event.status)) finish().catch(fail);
          },
        };
        unfollow = feed.followRun(listener, run, stream.afterSeq);
      }),

    stop: () => {
      for (const end of [...open]) end();
    },
  };
}
