import { Cluster, Redis, type RedisOptions, type StandaloneConnectionOptions } from 'ioredis';
import connectors from 'ioredis/built/connectors/StandaloneConnector.js';

/** A connection to one Redis or Valkey, or to a cluster of them. */
export type RedisConnection = Redis | Cluster;

/** Where Redis is: one server, or the nodes of a cluster. */
export interface RedisPlace {
  /** `redis://` or, over TLS, `rediss://`, with user and password. */
  readonly url: string;
  /** More nodes of a cluster to start from, as `host:port`. Default none: `url` is one Redis. */
  readonly clusterNodes?: readonly string[];
  /** The certificate that signs those of the servers, as PEM. Default null: the authorities that Node knows. */
  readonly ca?: string | null;
}

/** How long a connection waits for Redis, in milliseconds and tries. */
export interface RedisPatience {
  /** Null waits for ever for Redis to come back. */
  readonly maxRetriesPerRequest: number | null;
  /** An answer that takes longer is an error. */
  readonly commandTimeout?: number;
  /** Where nothing comes back for so long the other side has vanished without a word: connect anew. */
  readonly socketTimeout: number;
}

/** How soon a connection is tried again after its Redis was away. */
export const reconnectMs = 1_000;
const retryStrategy = (tries: number) => Math.min(tries * 100, reconnectMs);
/** A cluster is asked anew for its nodes at least so often: a replica may have taken over. */
const refreshMs = 5_000;

const StandaloneConnector = connectors.default;
type StandaloneConnector = InstanceType<typeof StandaloneConnector>;

/**
 * ioredis listens for the first error of a socket alone. Over TLS a second one may follow, such as the alert of the server that
 * its certificate was refused: nobody would hear of it, and that ends a process.
 */
class HeardConnector extends StandaloneConnector {
  constructor(options: unknown) {
    super(options as StandaloneConnectionOptions);
  }

  override async connect(emitter: Parameters<StandaloneConnector['connect']>[0]) {
    const stream = await super.connect(emitter);
    return stream.on('error', () => {});
  }
}

/** Opens a connection that heals by itself. Whoever opens it listens for its errors. */
export function connectToRedis(place: RedisPlace, patience: RedisPatience): RedisConnection {
  const { url, clusterNodes = [], ca = null } = place;
  const options: RedisOptions = {
    // Commands of one turn of the event loop leave in one write; under load that is most of what a job costs here.
    enableAutoPipelining: true,
    Connector: HeardConnector,
    ...patience,
    ...(url.startsWith('rediss:') ? { tls: ca === null ? {} : { ca } } : {}),
  };
  if (clusterNodes.length === 0) return new Redis(url, { ...options, retryStrategy });
  const { hostname, port, username, password } = new URL(url);
  return new Cluster([{ host: hostname, port: Number(port || 6379) }, ...clusterNodes.map(nodeOf)], {
    redisOptions: {
      ...options,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    },
    enableAutoPipelining: true,
    // A certificate is for a name: names are not turned into addresses before.
    ...(url.startsWith('rediss:') ? { dnsLookup: (name, answer) => answer(null, name) } : {}),
    clusterRetryStrategy: retryStrategy,
    clusterNodeRetryStrategy: retryStrategy,
    slotsRefreshInterval: refreshMs,
  });
}

function nodeOf(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: hostname, port: Number(port || 6379) };
}

/** Every server that keys are written to: the one, or the masters of a cluster. */
export function serversOf(redis: RedisConnection): readonly Redis[] {
  return redis instanceof Cluster ? redis.nodes('master') : [redis];
}
