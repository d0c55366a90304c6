import { z } from 'zod';
import type { Environment } from '../config/environment.ts';
import {
  count,
  installationOf,
  installationSecrets,
  installationShape,
  parseEnvironment,
  type InstallationConfig,
} from '../config/installation.ts';
import { nodePools, type NodePool } from '../queue/names.ts';

const schema = z.object({
  ...installationShape,
  /** Jobs at once: `64`, or by pool, `io=64,cpu=2`. */
  WORKER_CONCURRENCY: z.string().default(''),
  /** Which pools this worker serves, in commas. */
  WORKER_POOLS: z.string().default(nodePools.join(',')),
  // Claims, records, heartbeat and sweep at once; more connections gain nothing, since work is committed in groups.
  DATABASE_POOL_SIZE: count(3, 200, 6),
  // Enough for the chains that people draw.
  WORKER_MAX_HOPS: count(0, 1_000, 20),
  // Half a lease: the process is gone before others take its work. 0: never, for debuggers.
  WORKER_MAX_LAG_MS: count(0, 600_000, 5_000),
  /** Folders that nodes may save to, each with the name that they call it by: `reports=/srv/reports`. */
  SAVE_FOLDERS: z.string().default('').transform(readFolders),
  METRICS_HOST: z.string().default('127.0.0.1'),
  /** Where `/metrics`, `/healthz` and `/readyz` answer; 0: on a free port; without it nowhere. */
  METRICS_PORT: z.coerce.number('must be a number').int('must be a whole number').min(0).max(65_535).optional(),
  // Longer than most nodes take; docker-compose.yml waits 75 s before it kills.
  DRAIN_MS: count(0, 600_000, 60_000),
});

/** What a worker is told by its environment. */
export interface WorkerConfig extends InstallationConfig {
  readonly concurrency: Partial<Record<NodePool, number>>;
  readonly databasePoolSize: number;
  readonly drainMs: number;
  /** Nodes that a worker goes on with before the next goes through the queue. */
  readonly maxHops: number;
  /** A worker whose event loop has stood still for so long ends itself; 0: never. */
  readonly maxLoopLagMs: number;
  /** Folders that nodes may save to, by name. */
  readonly saveFolders: ReadonlyMap<string, string>;
  /** Where operators and their tools look at this worker; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
}

/** The variables of this process, also for those that it starts. */
export function ownEnvironment(): Environment {
  return process.env;
}

/** Waiting is cheap: an io node holds a socket or a timer. */
const defaultIoConcurrency = 64;

/**
 * Reads the configuration. Throws one ConfigError with every problem; no value is ever in it.
 *
 * @param cores processors of this machine: the default number of media nodes at once
 */
export function readConfig(cores: number, env: Environment = process.env): WorkerConfig {
  const defaults: Record<NodePool, number> = { io: defaultIoConcurrency, cpu: Math.max(1, cores) };
  const withConcurrency = schema.transform((values, context) => {
    const concurrency = parseConcurrency(values.WORKER_POOLS, values.WORKER_CONCURRENCY, defaults);
    if (typeof concurrency !== 'string') return { ...values, concurrency };
    const [variable, message] = concurrency.split(': ') as [string, string];
    context.addIssue({ code: 'custom', path: [variable], message });
    return z.NEVER;
  });
  const values = parseEnvironment(withConcurrency, env, installationSecrets);
  return {
    ...installationOf(values),
    concurrency: values.concurrency,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    drainMs: values.DRAIN_MS,
    maxHops: values.WORKER_MAX_HOPS,
    maxLoopLagMs: values.WORKER_MAX_LAG_MS,
    saveFolders: values.SAVE_FOLDERS,
    metrics: values.METRICS_PORT === undefined ? null : { host: values.METRICS_HOST, port: values.METRICS_PORT },
  };
}

/** `name=/path, other=/path`. */
function readFolders(text: string, context: z.RefinementCtx): ReadonlyMap<string, string> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => /^([\w-]{1,100})=(\/.+)$/.exec(part));
  if (parts.some((part) => part === null)) context.addIssue('must look like reports=/srv/reports, drop=/mnt/drop');
  return new Map(parts.flatMap((part) => (part === null ? [] : [[part[1]!, part[2]!] as const])));
}

/** Jobs at once by pool, or `VARIABLE: what is wrong with it`. */
export function parseConcurrency(
  pools: string,
  concurrency: string,
  defaults: Readonly<Record<NodePool, number>>,
): Partial<Record<NodePool, number>> | string {
  const served = pools
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = served.find((name) => !isPool(name));
  if (unknown !== undefined || served.length === 0) {
    return `WORKER_POOLS: must name at least one of ${nodePools.join(', ')}`;
  }
  const counts = new Map(served.filter(isPool).map((name) => [name, defaults[name]]));
  const parts = concurrency
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const part of parts) {
    const [, name, digits] = /^(?:([a-z]+)=)?(\d{1,4})$/.exec(part) ?? [];
    const jobs = Number(digits);
    if (digits === undefined || jobs < 1 || (name !== undefined && !isPool(name))) {
      return 'WORKER_CONCURRENCY: must be a number from 1 to 9999, or one for each pool, such as io=64,cpu=2';
    }
    // A bare number is about waiting work; media work stays bound to the processors.
    const pool = name === undefined ? 'io' : (name as NodePool);
    if (counts.has(pool)) counts.set(pool, jobs);
  }
  return Object.fromEntries(counts);
}

function isPool(name: string): name is NodePool {
  return (nodePools as readonly string[]).includes(name);
}
