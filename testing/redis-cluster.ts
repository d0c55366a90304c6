import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort, isPortFree, loopback } from '../embedded/free-port.ts';
import { findRedis } from '../embedded/redis.ts';
import type { RedisBinary } from '../embedded/redis-binary.ts';
import { endService, launchService, waitUntilAnswering } from '../embedded/service-process.ts';
import { readToolPlaces } from './config.ts';
import { eventually } from './eventually.ts';

/** A Redis of one test, with settings of its own. */
export interface OwnRedis {
  readonly port: number;
  /** Sends a signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on its port, with what its folder holds. */
  start(): Promise<void>;
}

export interface OwnRedisOptions {
  /** Lines of redis.conf as command line arguments, such as `--requirepass secret`. */
  settingsOf: (port: number) => readonly string[];
  /** A connection that may do everything. */
  readonly connect: (port: number) => Redis;
  readonly folder: string;
}

const startTimeoutMs = 240_000;
const stopGraceMs = 5_000;
/** Nodes of a cluster talk to each other on a port this much higher. */
const busOffset = 10_000;

/** Starts a redis-server. Call it inside `describeOnRedis`. */
export async function startOwnRedis({ settingsOf, connect, folder }: OwnRedisOptions): Promise<OwnRedis> {
  const binary = await findBinary();
  const port = await findPortWithBus();
  await mkdir(folder, { recursive: true });
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = await launchService({
      file: binary.path,
      args: ['--bind', loopback, '--dir', folder, '--save', '', ...settingsOf(port)],
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', LD_LIBRARY_PATH: binary.libraryDirs.join(':') },
      logFile: join(folder, 'redis.log'),
    });
    child = started;
    await waitUntilAnswering(started, startTimeoutMs, async () => {
      const redis = connect(port);
      redis.on('error', () => {});
      try {
        await redis.ping();
      } finally {
        redis.disconnect();
      }
    });
  }

  await start();
  return {
    port,
    start,
    end: async (signal) => {
      if (child !== undefined) await endService(child, signal, stopGraceMs, 'SIGKILL');
    },
  };
}

async function findBinary(): Promise<RedisBinary> {
  const { searchPath, cacheDir } = readToolPlaces();
  const binary = await findRedis({ searchPath, cacheDir, now: Date.now });
  if (binary === null) throw new Error('There is no Redis on this machine; put the test into describeOnRedis.');
  return binary;
}

async function findPortWithBus(): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (port + busOffset < 65_536 && (await isPortFree(port + busOffset))) return port;
  }
}

export interface TestRedisCluster {
  /** Each holds a third of the keys. */
  readonly nodes: readonly OwnRedis[];
  /** The node that has a key. */
  nodeOf(key: string): Promise<OwnRedis>;
  stop(): Promise<void>;
}

const slots = 16_384;

/** Starts three nodes without replicas and waits until they are a cluster. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-cluster-'));
  const connect = (port: number) => new Redis({ host: loopback, port, lazyConnect: true, retryStrategy: () => null });
  const settingsOf = (port: number) =>
    // A node that was away for a moment is no reason to refuse the keys of the others.
    ['--port', `${port}`, '--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--appendonly', 'yes'];
  const nodes = await Promise.all(
    [0, 1, 2].map((number) => startOwnRedis({ folder: join(folder, `node-${number}`), settingsOf, connect })),
  );

  async function on<Result>(node: OwnRedis, work: (redis: Redis) => Promise<Result>): Promise<Result> {
    const redis = connect(node.port);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  const third = Math.ceil(slots / nodes.length);
  for (const [number, node] of nodes.entries()) {
    const own = Array.from({ length: slots }, (_, slot) => slot).slice(number * third, (number + 1) * third);
    await on(node, async (redis) => {
      await redis.call('cluster', 'addslots', ...own.map(String));
      for (const { port } of nodes) await redis.call('cluster', 'meet', loopback, String(port));
    });
  }
  await eventually(
    async () => {
      const states = await Promise.all(nodes.map((node) => on(node, (redis) => redis.cluster('INFO'))));
      return states.every((state) => /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state));
    },
    { timeoutMs: startTimeoutMs },
  );

  return {
    nodes,
    nodeOf: async (key) => {
      const slot = await on(nodes[0]!, (redis) => redis.cluster('KEYSLOT', key));
      return nodes[Math.floor(Number(slot) / third)]!;
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.end('SIGTERM')));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
