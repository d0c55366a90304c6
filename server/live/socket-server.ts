import type { Server as HttpServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Server as SocketServer, type Socket } from 'socket.io';
import { z } from 'zod';
import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import {
  authRefreshSchema,
  clientMessages,
  runSubscribeSchema,
  serverMessages,
  workflowSubscribeSchema,
  type RunEvent,
  type RunSubscribeAck,
  type WorkflowUpdated,
} from '../../core/events/run-event.ts';
import { partSubscribeSchema, type PartEvent } from '../../core/events/part-event.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { RunDetail } from '../../core/api/runs.ts';
import type { InWorkspace, Scope } from '../../core/scope.ts';
import { actingFor } from '../../db/acting-for.ts';
import type { Db } from '../../db/client.ts';
import type { Queryable } from '../../db/statement.ts';
import { findRegionOfNode, isPartOf } from '../../db/regions/list-parts.ts';
import { findRun } from '../../db/runs/find.ts';
import { findWorkflowRevision } from '../../db/workflows/find.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import { requireScope } from '../http/authorize.ts';
import { isOriginAllowed } from '../request/origin.ts';
import { credentialsOf, type Credentials } from '../auth/principal.ts';
import { scopeOf } from '../auth/scope-of.ts';
import type { AuthProvider } from '../auth/provider.ts';
import { clientAddress } from '../request/client-address.ts';
import { notRepeated, partNotFound, runNotFound, workflowNotFound } from '../http/not-found.ts';
import { problemOf } from '../http/problem.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { createTokenBucket } from '../limits/token-bucket.ts';
import { socketLimits } from '../limits/limits.ts';
import { createAccessWatch, endWhereShutOut } from './access-watch.ts';
import { endWhereMoved, roomOf } from './end-where-moved.ts';
import { createFollowing } from './following.ts';
import { networkOf } from '../limits/networks.ts';
import { createPlaces } from '../limits/places.ts';
import type { LiveSocket, SocketData } from './live-socket.ts';
import type { PartFeed, PartListener } from './part-feed.ts';
import type { RunFeed, RunListener } from './run-feed.ts';

/** What is counted of live connections. */
export interface LiveMeter {
  /** An event went to a live connection; `at` is when it was written, null for a hint that is not. */
  countLiveEvent(at: string | null): void;
  setSockets(count: number): void;
}

/** What the live connections of a server need. */
export interface LiveServerOptions {
  readonly http: HttpServer;
  readonly db: Db;
  readonly pool: Queryable;
  /** A run as it is answered; null where the user has none of that id. */
  readonly findRunDetail: (scope: Scope, id: string) => Promise<RunDetail | null>;
  readonly feed: RunFeed;
  readonly partFeed: PartFeed;
  readonly auth: AuthProvider;
  readonly notices: Pick<NoticeChannel, 'subscribe' | 'publish'>;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: number;
  readonly rates: RateLimits;
  readonly metrics: LiveMeter;
  readonly logger: Logger;
  /** Milliseconds between two looks whether the credentials of open connections still hold. */
  readonly recheckIntervalMs: number;
}

/** The live connections of a server. */
export interface LiveServer {
  /** Closes every connection; clients come back to another server and get what they missed. */
  stop(): Promise<void>;
}

/** Packets buffered for one slow client. Past the first number hints are dropped, past the second the connection. */
const maxBufferedHints = 500;
const maxBufferedEvents = 5_000;

/** Socket.IO at /socket.io: who is connected, and what each connection follows. */
export function startLiveServer(options: LiveServerOptions): LiveServer {
  const { auth, logger, metrics } = options;
  const io = new SocketServer<Record<string, never>, Record<string, never>, Record<string, never>, SocketData>(
    options.http,
    {
      maxHttpBufferSize: socketLimits.maxMessageBytes,
      serveClient: false,
      // Compression would cost far more memory per connection than these small messages are worth.
      perMessageDeflate: false,
      allowRequest: (request, allow) => {
        const trustForwardedHost = options.trustedProxies > 0;
        const isAllowed = isOriginAllowed(request, { allowedOrigins: options.allowedOrigins, trustForwardedHost });
        if (!isAllowed) {
          allow('ORIGIN_NOT_ALLOWED', false);
          return;
        }
        // Whoever begins has said nothing of who it is: it counts as on routes that are open to anybody.
        const asked = options.rates.takeFrom('address', clientAddress(request, options.trustedProxies));
        asked.then(
          (waitMs) => allow(waitMs === null ? null : 'RATE_LIMITED', waitMs === null),
          () => allow('RATE_LIMITED', false),
        );
      },
    },
  );

  /** Lines of each address on which nobody has said who it is: one that polls holds no connection, and would be there for nothing. */
  const arriving = createPlaces(socketLimits.maxArrivingPerAddress);
  const arrivals = new WeakMap<object, () => void>();
  io.engine.on('connection', (line: Line) => {
    const leave = arriving.take(networkOf(clientAddress(line.request, options.trustedProxies)));
    if (leave === null) {
      line.close(true);
      return;
    }
    arrivals.set(line, leave);
    line.once('close', leave);
  });

  const watch = createAccessWatch({
    auth,
    notices: options.notices,
    logger,
    intervalMs: options.recheckIntervalMs,
    sockets: () => io.sockets.sockets.values(),
    // The notice of a move may be lost.
    lookFurther: (sockets) => endWhereMoved(options.pool, sockets),
  });

  io.use((socket, next) => {
    admit(socket)
      .then(() => next())
      .catch((error: unknown) => next(connectError(error)));
  });

  /** Connections of each user, those that are still on their way in included. */
  const places = createPlaces(socketLimits.maxSocketsPerUser);

  async function admit(socket: LiveSocket): Promise<void> {
    const credentials = handshakeCredentials(socket);
    if (auth.credentialOf(credentials) === null) {
      throw new TerminalError('AUTH_REQUIRED', 'Sign in, or send { token: <API key> } with the handshake.');
    }
    const principal = await auth.authenticate(credentials);
    if (principal === null) {
      throwIfLimited(await countWrong(options.rates, socket, options.trustedProxies));
      throw new TerminalError('AUTH_INVALID', 'The credential is wrong, has expired or was revoked. Sign in again.');
    }
    // One that is opened again and again costs as much as a request.
    throwIfLimited(await options.rates.take('api', principal.userId));
    requireScope('read', principal);
    const leave = places.take(principal.userId);
    if (leave === null) {
      throw new TerminalError(
        'RATE_LIMITED',
        `You have ${socketLimits.maxSocketsPerUser} live connections, the most there may be. Close one first.`,
      );
    }
    // The line under it may be gone before the connection counts as one.
    socket.conn.once('close', leave);
    if (socket.conn.readyState !== 'open') leave();
    arrivals.get(socket.conn)?.();
    Object.assign(socket.data, { principal, credentials, leave, followed: () => nothing });
  }

  io.on('connection', (socket) => {
    metrics.setSockets(io.sockets.sockets.size);
    const end = serve(socket, options);
    const endWatch = watch.follow(socket);
    socket.once('disconnect', () => {
      socket.data.leave();
      end();
      endWatch();
      // Nobody keeps the line under it for nothing.
      socket.conn.close();
      metrics.setSockets(io.sockets.sockets.size);
    });
  });

  const unsubscribe = options.notices.subscribe((notice) => {
    // They come back, and are asked who may follow it there.
    if (notice.kind === 'moved') io.local.in(roomOf(notice.workflowId)).disconnectSockets(true);
    if (notice.kind !== 'workflow') return;
    const { workflowId, version } = notice;
    tellVersion(io.local.to(roomOf(workflowId)), { workflowId, version });
  });

  return {
    stop: async () => {
      unsubscribe();
      watch.stop();
      io.disconnectSockets(true);
      io.engine.close();
    },
  };
}

/** What lies under a live connection, as Engine.IO has it. */
type Line = Socket['conn'];

const nothing: ReadonlyMap<string, string> = new Map();

function throwIfLimited(waitMs: number | null): void {
  if (waitMs === null) return;
  throw new TerminalError('RATE_LIMITED', `Too many connections. Try again in ${Math.ceil(waitMs / 1_000)} s.`);
}

/** Counts a wrong credential among those of its address, as for requests. */
function countWrong(rates: RateLimits, socket: LiveSocket, trustedProxies: number): Promise<number | null> {
  return rates.takeFrom('badCredential', clientAddress(socket.request, trustedProxies));
}

function tellVersion(to: { emit(message: never, ...content: never[]): unknown }, news: WorkflowUpdated): void {
  (to as Pick<Socket, 'emit'>).emit(serverMessages.workflowUpdated, news);
}

function handshakeCredentials(socket: LiveSocket): Credentials {
  const given = z.object({ token: z.string().min(1).max(4_096) }).safeParse(socket.handshake.auth);
  const inHeaders = credentialsOf(socket.handshake.headers);
  return given.success ? { ...inHeaders, bearer: given.data.token } : inHeaders;
}

function connectError(error: unknown): Error & { data: object } {
  const { problem } = problemOf(error, { path: '/socket.io', requestId: '' });
  return Object.assign(new Error(problem.code), { data: { code: problem.code, message: problem.detail } });
}

/** Answers one connection's messages; returns what ends everything it follows. */
function serve(socket: LiveSocket, options: LiveServerOptions): () => void {
  const { auth, db, pool, findRunDetail, feed, notices, metrics, logger, rates, trustedProxies } = options;
  const { userId } = socket.data.principal;
  const following = createFollowing(socketLimits.maxSubscriptions);
  socket.data.followed = following.followed;
  const scopeOfRun = (id: string) => scopeOf(pool, socket.data.principal, { of: 'run', id });
  const joins = createTokenBucket(
    { burst: socketLimits.maxJoins, perSecond: (socketLimits.maxJoins * 1_000) / socketLimits.joinWindowMs },
    () => performance.now(),
  );
  const messages = createTokenBucket(
    { burst: socketLimits.maxMessages, perSecond: socketLimits.messagesPerSecond },
    () => performance.now(),
  );
  socket.use((_packet, next) => {
    if (messages.take() === null) next();
    else throwOut(socket);
  });
  const listener: RunListener = { send: (event) => sendEvent(socket, event, metrics) };
  const parted: PartListener = { send: (event) => sendPartEvent(socket, event) };

  function follow(name: string, { workspaceId }: InWorkspace, stop: () => void): void {
    if (!socket.connected) {
      stop();
      return;
    }
    following.follow(name, workspaceId, stop);
    // The membership may have ended while the question was under way.
    endWhereShutOut(socket);
  }

  function checkPace(): void {
    if (joins.take() === null) return;
    throw new TerminalError('RATE_LIMITED', 'Too many messages in a short time. Wait a few seconds.');
  }

  function claim(name: string): () => void {
    checkPace();
    const giveUp = following.claim(name);
    if (giveUp !== null) return giveUp;
    throw new TerminalError(
      'RATE_LIMITED',
      `A connection follows at most ${socketLimits.maxSubscriptions} things. Unsubscribe from one first.`,
    );
  }

  function answer<Schema extends z.ZodType, Ack extends object>(
    message: string,
    schema: Schema,
    handle: (request: z.output<Schema>) => Promise<{ ack: Ack; afterwards?: () => void }>,
  ): void {
    (socket as Socket).on(message, (payload: unknown, acknowledge: unknown) => {
      const respond = (body: Ack | Extract<RunSubscribeAck, { ok: false }>) => {
        if (typeof acknowledge === 'function') acknowledge(body);
      };
      const parsed = schema.safeParse(payload);
      if (!parsed.success) {
        respond({
          ok: false,
          code: 'REQUEST_INVALID',
          message: `The payload of ${message} is not valid. Send what docs/api.md says.`,
        });
        return;
      }
      actingFor(userId, () => handle(parsed.data))
        .then(({ ack, afterwards }) => {
          respond(ack);
          afterwards?.();
        })
        .catch((error: unknown) => {
          if (!(error instanceof AppError)) logger.error({ err: error, message }, 'a live message failed');
          const { problem } = problemOf(error, { path: '/socket.io', requestId: '' });
          respond({ ok: false, code: problem.code, message: problem.detail });
        });
    });
  }

  answer(clientMessages.authRefresh, authRefreshSchema, async ({ token }) => {
    checkPace();
    const credentials: Credentials = { ...socket.data.credentials, bearer: token };
    const principal = await auth.authenticate(credentials);
    if (principal === null || principal.userId !== userId) {
      // A connection is no way around the count of guesses.
      throwIfLimited(await countWrong(rates, socket, trustedProxies));
      throw new TerminalError('AUTH_INVALID', "The token is wrong, has expired, or is somebody else's. Sign in again.");
    }
    requireScope('read', principal);
    Object.assign(socket.data, { principal, credentials });
    endWhereShutOut(socket);
    return { ack: { ok: true as const } };
  });
  answer(clientMessages.runSubscribe, runSubscribeSchema, async ({ runId, afterSeq }) => {
    const name = `run:${runId}`;
    const giveUp = claim(name);
    const found = async () => {
      const scope = await scopeOfRun(runId);
      const snapshot = await findRunDetail(scope, runId);
      if (snapshot === null) throw runNotFound(runId);
      return { scope, snapshot };
    };
    const { scope, snapshot } = await found().catch((error: unknown) => {
      giveUp();
      throw error;
    });
    const { seq } = snapshot;
    return {
      ack: { ok: true as const, snapshot, seq },
      // After the acknowledgement, so that no event overtakes the snapshot.
      afterwards: () => {
        const run = { id: runId, workflowId: snapshot.workflowId };
        follow(name, scope, feed.followRun(listener, run, Math.min(afterSeq ?? seq, seq)));
        // What its nodes have streamed so far stands in no row: the workers know it.
        const isUnderWay = snapshot.nodeExecutions.some(({ status }) => status === 'RUNNING');
        if (isUnderWay) void notices.publish([{ kind: 'watched', runId }]);
      },
    };
  });
  answer(clientMessages.runUnsubscribe, runSubscribeSchema.pick({ runId: true }), async ({ runId }) => {
    following.unfollow(`run:${runId}`);
    return { ack: { ok: true as const } };
  });
  answer(clientMessages.partSubscribe, partSubscribeSchema, async ({ runId, nodeId, partId = null }) => {
    const name = `part:${partId ?? runId} ${nodeId}`;
    const giveUp = claim(name);
    try {
      const scope = await scopeOfRun(runId);
      if ((await findRun(db, scope, runId)) === null) throw runNotFound(runId);
      if (partId !== null && !(await isPartOf(db, runId, partId))) throw partNotFound(runId, partId);
      const region = await findRegionOfNode(db, partId ?? runId, nodeId);
      if (region === null) throw notRepeated(runId, nodeId);
      const { executionId, parts } = region;
      return {
        ack: { ok: true as const, parts },
        afterwards: () => follow(name, scope, options.partFeed.follow(parted, { runId, partId, nodeId, executionId })),
      };
    } catch (error) {
      giveUp();
      throw error;
    }
  });
  answer(clientMessages.partUnsubscribe, partSubscribeSchema, async ({ runId, nodeId, partId = null }) => {
    following.unfollow(`part:${partId ?? runId} ${nodeId}`);
    return { ack: { ok: true as const } };
  });
  answer(clientMessages.workflowSubscribe, workflowSubscribeSchema, async ({ workflowId }) => {
    const name = roomOf(workflowId);
    claim(name);
    let scope: Scope;
    try {
      scope = await scopeOf(pool, socket.data.principal, { of: 'workflow', id: workflowId });
      if ((await findWorkflowRevision(db, scope, workflowId)) === null) throw workflowNotFound(workflowId);
      // What was followed under the name leaves the room before it is joined again.
      following.follow(name, scope.workspaceId, () => {});
      const endRuns = await feed.followWorkflow(listener, { id: workflowId, scope });
      await socket.join(name);
      follow(name, scope, () => {
        endRuns();
        void socket.leave(name);
      });
    } catch (error) {
      following.unfollow(name);
      throw error;
    }
    // Read after joining, so that no change falls in between, and no move to another workspace.
    const version = await findWorkflowRevision(db, scope, workflowId);
    if (version === null) {
      following.unfollow(name);
      throw workflowNotFound(workflowId);
    }
    return {
      ack: { ok: true as const },
      afterwards: () => tellVersion(socket, { workflowId, version }),
    };
  });
  answer(clientMessages.workflowUnsubscribe, workflowSubscribeSchema, async ({ workflowId }) => {
    following.unfollow(roomOf(workflowId));
    return { ack: { ok: true as const } };
  });

  return () => following.end();
}

/** A moment in which a client may take in why it is closed. */
const farewellMs = 1_000;

/**
 * Closes the connection of a client that sends too much, and reads nothing of
 * it any more: what it sent already would be taken apart to the last message
 * before the close of a websocket is through.
 */
function throwOut(socket: LiveSocket): void {
  // The websocket under it; there is none where the client polls, by messages of a bounded size.
  const { socket: line } = socket.conn.transport as unknown as { socket?: { pause(): void; terminate(): void } };
  socket.disconnect(true);
  line?.pause();
  setTimeout(() => line?.terminate(), farewellMs).unref();
}

/** How a part stands is told again with its next change: a slow client misses some. */
function sendPartEvent(socket: LiveSocket, event: PartEvent): void {
  const buffered = (socket.conn as unknown as { writeBuffer?: readonly unknown[] }).writeBuffer?.length ?? 0;
  if (buffered <= maxBufferedHints) (socket as Socket).emit(serverMessages.partEvent, event);
}

function sendEvent(socket: LiveSocket, event: RunEvent, metrics: LiveMeter): void {
  // Engine.IO keeps the packets that a client has not taken yet.
  const buffered = (socket.conn as unknown as { writeBuffer?: readonly unknown[] }).writeBuffer?.length ?? 0;
  const isHint = event.type === 'node.progress' || event.type === 'node.delta';
  if (isHint && buffered > maxBufferedHints) return;
  if (buffered > maxBufferedEvents) {
    socket.disconnect(true);
    return;
  }
  (socket as Socket).emit(serverMessages.runEvent, event);
  metrics.countLiveEvent(isHint ? null : event.at);
}
