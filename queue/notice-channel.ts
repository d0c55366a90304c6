import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { noticeSchema, type Notice } from '../core/events/notice.ts';
import { dropSilentConnections } from '../net/silent-connections.ts';
import { createHearing, type Hearing } from './hearing.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * Carries notices between all processes of an installation: Redis pub/sub, or
 * LISTEN/NOTIFY where the queue lives on Postgres. Best effort; the sender
 * hears its own notices too.
 */
export interface NoticeChannel {
  /** Never throws: a notice that cannot be sent is lost, and receivers poll. */
  publish(notices: readonly Notice[]): Promise<void>;
  /**
   * Calls `listener` for each notice that arrives; returns what ends that.
   *
   * @param onMissed called when notices come again after a time in which some may have been missed
   */
  subscribe(listener: (notice: Notice) => void, onMissed?: () => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** How carefully it listens. */
export interface NoticeChannelOptions {
  /** How often it makes sure that it hears, in milliseconds. Default 5,000. */
  readonly hearingEveryMs?: number;
}

const defaultHearingEveryMs = 5_000;

/** Hands a message of one or several notices to the listeners; junk is dropped. */
function deliver(message: string, listeners: ReadonlySet<(notice: Notice) => void>): void {
  const parsed = noticeSchema.array().safeParse(JSON.parse(message));
  if (!parsed.success) return;
  for (const notice of parsed.data) for (const listener of listeners) listener(notice);
}

function listenerSet() {
  const listeners = new Set<(notice: Notice) => void>();
  const missers = new Set<() => void>();
  const subscribe = (listener: (notice: Notice) => void, onMissed?: () => void) => {
    listeners.add(listener);
    if (onMissed !== undefined) missers.add(onMissed);
    return () => {
      listeners.delete(listener);
      if (onMissed !== undefined) missers.delete(onMissed);
    };
  };
  const tellMissed = () => {
    for (const onMissed of missers) onMissed();
  };
  const clear = () => {
    listeners.clear();
    missers.clear();
  };
  return { listeners, subscribe, tellMissed, clear };
}

/** Over pub/sub. The sender is only borrowed; receivers are closed here. */
export function createRedisNotices(
  {
    name,
    sender,
    openReceiver,
  }: {
    /** Of the channel, the same for all processes of an installation. */
    readonly name: string;
    readonly sender: RedisConnection;
    readonly openReceiver: () => RedisConnection;
  },
  onError: (error: Error) => void,
  { hearingEveryMs = defaultHearingEveryMs }: NoticeChannelOptions = {},
): NoticeChannel {
  const { listeners, subscribe, tellMissed, clear } = listenerSet();
  /** What only this process listens to, so that a hundred of them do not hear each other. */
  const own = `${name}:${randomUUID()}`;
  let subscriber: RedisConnection | undefined;
  let hearing: Hearing | undefined;
  let isListening = false;

  async function connect(): Promise<void> {
    const opened = openReceiver();
    subscriber = opened;
    isListening = false;
    opened.on('message', (channel, message) => {
      if (channel === own) hearing?.heard();
      else deliver(message, listeners);
    });
    opened.on('close', () => hearing?.lost());
    // ioredis subscribes again by itself after a reconnect.
    await opened.subscribe(name, own);
    isListening = true;
  }

  return {
    subscribe,
    publish: async (notices) => {
      if (notices.length === 0) return;
      await sender.publish(name, JSON.stringify(notices)).catch(() => 0);
    },
    start: async () => {
      hearing = createHearing({
        everyMs: hearingEveryMs,
        isListening: () => isListening,
        say: () => sender.publish(own, ''),
        onHearsAgain: tellMissed,
        onDeaf: () => {
          onError(new Error('the connection that notices come by says nothing; connecting anew'));
          subscriber?.disconnect();
          connect().catch((error: unknown) => onError(error instanceof Error ? error : new Error(String(error))));
        },
      });
      await connect();
    },
    stop: async () => {
      hearing?.stop();
      subscriber?.disconnect();
      clear();
    },
  };
}

const postgresChannelName = 'heddle_notices';
/** Postgres takes 8,000 bytes a message; JSON.stringify counts characters, and one may be four bytes. */
const maxMessageBytes = 7_900;
const reconnectMs = 500;
/** A notice that took longer would come after the poll that makes up for it. */
const answerMs = 5_000;

/** Over LISTEN and NOTIFY, on connections of its own. */
export function createPostgresNotices(
  url: string,
  onError: (error: Error) => void,
  { hearingEveryMs = defaultHearingEveryMs }: NoticeChannelOptions = {},
): NoticeChannel {
  const { listeners, subscribe, tellMissed, clear } = listenerSet();
  const ownName = `${postgresChannelName}_${randomUUID().replaceAll('-', '')}`;
  const limits = { connectionTimeoutMillis: answerMs, query_timeout: answerMs, keepAlive: true };
  const sender = new pg.Pool({ connectionString: url, max: 2, application_name: 'heddle-notify', ...limits });
  sender.on('error', onError);
  dropSilentConnections(sender);
  // As in every other pool: what breaks while nobody listens would end the process. The pool replaces it.
  sender.on('connect', (client) => client.on('error', () => {}));
  let receiver: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let isListening = false;
  const hearing = createHearing({
    everyMs: hearingEveryMs,
    isListening: () => isListening,
    say: () => sender.query(`notify ${ownName}`),
    onHearsAgain: tellMissed,
    onDeaf: () => {
      onError(new Error('the connection that notices come by says nothing; connecting anew'));
      isListening = false;
      abandon();
      reconnectLater();
    },
  });

  /** Closes a connection whose other side may not be there to be told. */
  function abandon(): void {
    const client = receiver as (pg.Client & { readonly connection: { readonly stream: Duplex } }) | undefined;
    client?.connection.stream.destroy();
  }

  async function listen(): Promise<void> {
    const client = new pg.Client({ connectionString: url, application_name: 'heddle-listen', ...limits });
    receiver = client;
    client.on('error', onError);
    client.on('end', () => {
      hearing.lost();
      if (receiver !== client) return;
      isListening = false;
      reconnectLater();
    });
    client.on('notification', ({ channel, payload }) => {
      if (channel === ownName) hearing.heard();
      else deliver(payload ?? '[]', listeners);
    });
    await client.connect();
    await client.query(`listen ${postgresChannelName}; listen ${ownName}`);
    isListening = true;
  }

  function reconnectLater(): void {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      listen().catch((error: unknown) => {
        onError(error instanceof Error ? error : new Error(String(error)));
        // It may have been connected, and go on listening beside the next one.
        abandon();
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
      hearing.stop();
      clearTimeout(timer);
      clear();
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
