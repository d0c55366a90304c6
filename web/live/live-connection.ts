import type { Socket } from 'socket.io-client';
import { z } from 'zod';
import { isRunFinished } from '../../core/run/status.ts';
import {
  clientMessages,
  runEventSchema,
  runSubscribeAckSchema,
  serverMessages,
  workflowUpdatedSchema,
  type RunEvent,
} from '../../core/events/run-event.ts';
import type { RunDetail, RunSummary } from '../../core/api/runs.ts';
import type { RunEventPage } from '../api/client.ts';
import { ApiError } from '../api/api-error.ts';
import { addressOf } from '../ui/app-address.ts';
import { createAsking } from './asking.ts';
import type { Pace } from './pace.ts';
import { createRunStore, type RunStore } from './run-store.ts';

/** What the connection follows, and how it asks for what it missed. */
export interface LiveDeps {
  /** Follows every run of this workflow; null follows just the run that is shown. */
  readonly workflowId: number | null;
  readonly getRun: (runId: string) => Promise<RunDetail>;
  /** Status events of a run after a seq. */
  readonly getRunEvents: (runId: string, after: number) => Promise<RunEventPage>;
  /** The newest run of the workflow; null where there is none. */
  readonly newestRun: () => Promise<RunSummary | null>;
  /** A run began or changed its status: lists of runs are out of date. */
  readonly onRunChange: (runId: string) => void;
  /** The followed workflow is at this version on the server. */
  readonly onVersion: (version: number) => void;
  /** When the events of the shown run are applied. */
  readonly pace: Pace;
  /** A token of the identity provider; null where the session is in a cookie. */
  readonly accessToken: () => Promise<string | null>;
}

/** The answer about a workflow that is not there, or not for this account. */
const refusedSchema = z.object({ ok: z.literal(false), code: z.literal('WORKFLOW_NOT_FOUND') });
/** Tokens of an identity provider live for a minute: a new one is looked for four times in that time. */
const tokenRenewalMs = 15_000;
/** A round of questions that took so long has reached nobody. */
const askLimitMs = 10_000;
/** How long a page waits before it comes back to a server that has sent it away; doubled each time that it is refused. */
const returnAfterMs = { first: 2_000, longest: 30_000 };

/** Live events of one page, for the run that is shown. */
export interface LiveConnection {
  readonly runs: RunStore;
  start(): void;
  stop(): void;
  /** Shows a run and follows it to its end. */
  follow(runId: string): void;
  /**
   * Follows the elements of a list until the function that comes back is called. `onNews` hears what the server tells of
   * them, unchecked, and undefined after each new connection: what happened before it was not told.
   */
  followParts(of: FollowedParts, onNews: (event: unknown) => void): () => void;
}

/** A list that somebody looks into. */
export interface FollowedParts {
  readonly runId: string;
  readonly nodeId: string;
  /** The part that the node lies within; null: the run itself. */
  readonly partId: string | null;
}

/**
 * Keeps the run store equal to what the server knows: subscribes on every
 * (re)connection with the newest seq it has, asks again when an event is
 * missing, and turns to a newer run of the workflow as soon as one begins.
 */
export function createLiveConnection({
  workflowId,
  getRun,
  getRunEvents,
  newestRun,
  onRunChange,
  onVersion,
  pace,
  accessToken,
}: LiveDeps): LiveConnection {
  let socket: Socket | null = null;
  let followed: string | null = null;
  /** What is looked into, by who looks. */
  const parts = new Map<(event: unknown) => void, FollowedParts>();
  let isStopped = false;
  /** The server says that there is no such workflow: it was deleted, or it is open to others only. */
  let isClosed = false;
  let renewal: ReturnType<typeof setInterval> | undefined;
  const isLive = () => socket?.connected === true;
  const shownRun = () => {
    const { view } = runs.api.getState();
    return view !== null && view.run.id === followed ? view : null;
  };
  const asking = createAsking({
    ask,
    isLive,
    isUnderWay: () => {
      const view = shownRun();
      return followed !== null && (view === null || !isRunFinished(view.run.status));
    },
    onRound: (isReached) => {
      if (isLive()) return;
      runs.api.setState({ connection: !isReached ? 'offline' : isClosed ? 'closed' : 'requests' });
    },
    later: (act, ms) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  });
  const runs = createRunStore({ pace, onGap: (runId, afterSeq) => subscribe(runId, afterSeq) });

  function subscribe(runId: string, afterSeq?: number): void {
    if (socket === null || !socket.connected) {
      loadOverHttp(runId);
      return;
    }
    socket.emit(
      clientMessages.runSubscribe,
      { runId, ...(afterSeq !== undefined && { afterSeq }) },
      (answer: unknown) => {
        const ack = runSubscribeAckSchema.safeParse(answer);
        if (runId !== followed) return;
        if (ack.success && ack.data.ok) runs.show(ack.data.snapshot, ack.data.seq);
        else loadOverHttp(runId);
      },
    );
  }

  async function renewToken(open: Socket): Promise<void> {
    const token = await accessToken().catch(() => null);
    if (token !== null && open.connected) open.emit(clientMessages.authRefresh, { token }, () => undefined);
  }

  /** One round of plain requests: what the live connection would have told, or may have lost. */
  async function ask(): Promise<void> {
    let limit: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<never>((_, reject) => {
      limit = setTimeout(() => reject(new Error('No response.')), askLimitMs);
    });
    try {
      await Promise.race([askOnce(), isLate]);
      isClosed = false;
    } catch (error) {
      isClosed = error instanceof ApiError && error.code === 'WORKFLOW_NOT_FOUND';
      // An answer that refuses is an answer.
      if (!(error instanceof ApiError) || error.problem === null || error.status >= 500) throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  async function askOnce(): Promise<void> {
    if (workflowId !== null && !isLive()) turnTo(await newestRun());
    if (followed !== null) await askForRun(followed);
  }

  async function askForRun(runId: string): Promise<void> {
    const view = shownRun();
    if (view === null) {
      const detail = await getRun(runId);
      if (runId === followed) runs.show(detail, detail.seq);
      return;
    }
    if (isRunFinished(view.run.status)) return;
    for (let after: number | null = view.seq; after !== null;) {
      const page: RunEventPage = await getRunEvents(runId, after);
      for (const event of page.items) onEvent(event);
      after = page.nextAfter;
    }
  }

  /** Without a socket the last known state is still worth showing. */
  function loadOverHttp(runId: string): void {
    getRun(runId).then(
      (detail) => runId === followed && runs.show(detail, detail.seq),
      // The next connection subscribes again.
      () => undefined,
    );
  }

  const isNewer = (createdAt: string) => {
    const shown = runs.api.getState().view;
    return shown === null || createdAt > shown.run.createdAt;
  };

  function turnTo(run: RunSummary | null): void {
    if (run === null || run.id === followed || !isNewer(run.createdAt)) return;
    onRunChange(run.id);
    follow(run.id);
  }

  /** Turns to the newest run: what began before anybody listened sent no event. */
  function catchUp(): void {
    newestRun().then(
      turnTo,
      // Without a last run the nodes are simply idle; the next connection asks again.
      () => undefined,
    );
  }

  function onEvent(event: RunEvent): void {
    if (event.type === 'run.updated') {
      onRunChange(event.runId);
      if (
        workflowId !== null &&
        event.workflowId === workflowId &&
        event.runId !== followed &&
        isNewer(event.createdAt) &&
        !isRunFinished(event.status)
      ) {
        follow(event.runId);
      }
    }
    if (event.runId === followed) runs.receive(event);
  }

  function follow(runId: string): void {
    if (followed !== null && followed !== runId)
      socket?.emit(clientMessages.runUnsubscribe, { runId: followed }, () => undefined);
    followed = runId;
    subscribe(runId);
  }

  function followParts(of: FollowedParts, onNews: (event: unknown) => void): () => void {
    const tell = (message: string) => {
      if (isLive()) socket?.emit(message, of, () => undefined);
    };
    parts.set(onNews, of);
    tell(clientMessages.partSubscribe);
    return () => {
      parts.delete(onNews);
      tell(clientMessages.partUnsubscribe);
    };
  }

  return {
    runs,
    follow,
    followParts,
    start: () => {
      isStopped = false;
      if (workflowId !== null) catchUp();
      asking.start();
      // The page is drawn before the socket library is there.
      // Without that part of the program the page goes on by plain requests.
      const library = import('socket.io-client').catch(() => null);
      void library.then((found) => {
        if (found === null) return;
        const { io } = found;
        if (isStopped || socket !== null) return;
        const opened = io({
          path: addressOf('/socket.io'),
          withCredentials: true,
          reconnectionDelayMax: 5_000,
          // Asked for again with every connection: the token of the last one has ended by then.
          auth: (send) => {
            void accessToken().then((token) => send(token === null ? {} : { token }));
          },
        });
        socket = opened;
        renewal = setInterval(() => void renewToken(opened), tokenRenewalMs);
        let waitMs = returnAfterMs.first;
        /** In every other case the library comes back by itself. */
        const comeBack = () => {
          setTimeout(() => isStopped || opened.connect(), waitMs);
          waitMs = Math.min(waitMs * 2, returnAfterMs.longest);
        };
        opened.on('connect', () => {
          waitMs = returnAfterMs.first;
          runs.api.setState({ connection: 'online' });
          if (workflowId !== null) {
            opened.emit(clientMessages.workflowSubscribe, { workflowId }, (answer: unknown) => {
              isClosed = refusedSchema.safeParse(answer).success;
              if (isClosed) runs.api.setState({ connection: 'closed' });
              else catchUp();
            });
          }
          if (followed !== null) {
            const view = runs.api.getState().view;
            subscribe(followed, view?.run.id === followed ? view.seq : undefined);
          }
          for (const [onNews, of] of parts) {
            opened.emit(clientMessages.partSubscribe, of, () => onNews(undefined));
          }
        });
        opened.on('disconnect', (reason) => {
          runs.api.setState({ connection: 'connecting' });
          asking.hurry();
          // Sent away by the server, as when a token has ended.
          if (reason === 'io server disconnect') comeBack();
        });
        opened.on('connect_error', () => {
          // The rounds have begun by then, or begin at once.
          if (runs.api.getState().connection === 'connecting') asking.hurry();
          // Refused by the server, as when it cannot reach its database or there are too many connections.
          if (!opened.active) comeBack();
        });
        opened.on(serverMessages.workflowUpdated, (content: unknown) => {
          const news = workflowUpdatedSchema.safeParse(content);
          if (news.success && news.data.workflowId === workflowId) onVersion(news.data.version);
        });
        opened.on(serverMessages.partEvent, (content: unknown) => {
          for (const onNews of parts.keys()) onNews(content);
        });
        opened.on(serverMessages.runEvent, (content: unknown) => {
          const event = runEventSchema.safeParse(content);
          if (event.success) onEvent(event.data);
        });
      });
    },
    stop: () => {
      isStopped = true;
      asking.stop();
      clearInterval(renewal);
      socket?.close();
      socket = null;
    },
  };
}
