import pg from 'pg';
import { noticeSchema, type Notice } from '../core/events/notice.ts';
import { dropSilentConnections } from '../net/silent-connections.ts';
import type { QueueBackend } from './backend.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * Carries notices between all processes of an installation: Redis pub/sub, or
 * LISTEN/NOTIFY where the queue lives on Postgres. Best effort; the sender
 * hears its own notices too.
 */
export interface NoticeChannel {
  /** Never throws: a notice that cannot be sent is lost, and receivers poll. */
  publish(notices: readonly Notice[]): Promise<void>;
  /** Calls `listener` for each notice that arrives; returns what ends that. */
  subscribe(listener: (notice: Notice) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the channel that goes with the queue's backend. */
export function createNoticeChannel(backend: QueueBackend, onError: (error: Error) => void): NoticeChannel {
  const { location } = backend;
  return location.kind === 'redis'
    ? redisChannel(backend, `${location.prefix}:notices`)
    : postgresChannel(location.url, onError);
}

/** Hands a message of one or several notices to the listeners; junk is dropped. */
function deliver(message: string, listeners: ReadonlySet<(notice: Notice) => void>): void {
  const parsed = noticeSchema.array().safeParse(JSON.parse(message));
  if (!parsed.success) return;
  for (const notice of parsed.data) for (const listener of listeners) listener(notice);
}

function listenerSet() {
  const listeners = new Set<(notice: Notice) => void>();
  const subscribe = (listener: (notice: Notice) => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { listeners, subscribe };
}

function redisChannel(backend: QueueBackend, name: string): NoticeChannel {
  const { listeners, subscribe } = listenerSet();
  let subscriber: RedisConnection | undefined;
  return {
    subscribe,
    publish: async (notices) => {
      if (notices.length === 0) return;
      await backend.redis?.publish(name, JSON.stringify(notices)).catch(() => 0);
    },
    start: async () => {
      subscriber = backend.duplicateRedis();
      subscriber.on('message', (_channel, message) => deliver(message, listeners));
      // ioredis subscribes again by itself after a reconnect.
      await subscriber.subscribe(name);
    },
    stop: async () => {
      subscriber?.disconnect();
      listeners.clear();
    },
  };
}

const postgresChannelName = 'heddle_notices';
/** Postgres takes 8,000 bytes a message; JSON.stringify counts characters, and one may be four bytes. */
const maxMessageBytes = 7_900;
const reconnectMs = 500;
/** A notice that took longer would come after the poll that makes up for it. */
const answerMs = 5_000;

function postgresChannel(url: string, onError: (error: Error) => void): NoticeChannel {
  const { listeners, subscribe } = listenerSet();
  const limits = { connectionTimeoutMillis: answerMs, query_timeout: answerMs, keepAlive: true };
  const sender = new pg.Pool({ connectionString: url, max: 2, application_name: 'heddle-notify', ...limits });
  sender.on('error', onError);
  dropSilentConnections(sender);
  let receiver: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function listen(): Promise<void> {
    const client = new pg.Client({ connectionString: url, application_name: 'heddle-listen', ...limits });
    receiver = client;
    client.on('error', onError);
    client.on('end', reconnectLater);
    client.on('notification', ({ payload }) => deliver(payload ?? '[]', listeners));
    await client.connect();
    await client.query(`listen ${postgresChannelName}`);
  }

  function reconnectLater(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      listen().catch((error: unknown) => {
        onError(error instanceof Error ? error : new Error(String(error)));
        reconnectLater();
      });
    }, reconnectMs);
  }

  return {
    subscribe,
    publish: async (notices) => {
      if (notices.length === 0) return;
      const messages = packMessages(notices);
      await sender
        .query({
          name: 'notify',
          text: `select pg_notify('${postgresChannelName}', m) from unnest($1::text[]) as m`,
          values: [messages],
        })
        .catch(() => undefined);
    },
    start: listen,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      listeners.clear();
      await Promise.allSettled([receiver?.end(), sender.end()]);
    },
  };
}

/** JSON arrays of notices, each within what one NOTIFY takes; a notice too long for any is dropped. */
export function packMessages(notices: readonly Notice[]): string[] {
  const messages: string[] = [];
  let open: string[] = [];
  let bytes = 2;
  for (const notice of notices) {
    const text = JSON.stringify(notice);
    const size = Buffer.byteLength(text) + 1;
    if (size + 2 > maxMessageBytes) continue;
    if (bytes + size > maxMessageBytes) {
      messages.push(`[${open.join(',')}]`);
      open = [];
      bytes = 2;
    }
    open.push(text);
    bytes += size;
  }
  if (open.length > 0) messages.push(`[${open.join(',')}]`);
  return messages;
}
