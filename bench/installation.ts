import { randomBytes } from 'node:crypto';
import { projectRoot, type ProjectProcesses } from '../testing/processes.ts';

export interface BenchInstallation {
  readonly url: string;
  /** Of the owner. */
  readonly apiKey: string;
  readonly pids: { readonly server: number; readonly worker: number };
}

/** A server and a worker as installed but for the limits on how much one user may start. */
export async function startInstallation(
  processes: ProjectProcesses,
  options: {
    readonly databaseUrl: string;
    /** Null: the queue is in Postgres. */
    readonly redisUrl: string | null;
    readonly redisPrefix: string;
    readonly dataDir: string;
    /** Where the build is; default: this one. */
    readonly folder?: string | undefined;
  },
  env: Readonly<Record<string, string>> = {},
): Promise<BenchInstallation> {
  const { databaseUrl, redisUrl, redisPrefix, dataDir, folder = projectRoot } = options;
  const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
  const shared = {
    DATABASE_URL: databaseUrl,
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl, REDIS_PREFIX: redisPrefix }),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    RUN_ACTIVE_PER_USER: '100000',
    ...env,
  };
  // By the build itself, which may know another schema than this one.
  const migrated = await processes.start({ entry: 'cli/main.ts', args: ['migrate'], cwd: folder, env: shared }).ended;
  if (migrated.code !== 0) throw new Error(`The schema of ${folder} could not be made. Is it built?`);
  const server = processes.start({
    entry: 'server/main.ts',
    cwd: folder,
    env: {
      ...shared,
      PORT: '0',
      BOOTSTRAP_EMAIL: 'owner@example.org',
      BOOTSTRAP_API_KEY: apiKey,
      API_RATE_BURST: '1000000',
      API_RATE_PER_SECOND: '1000000',
      RUN_START_BURST: '1000000',
      RUN_START_PER_MINUTE: '1000000',
      RUN_QUEUE_PER_USER: '1000000',
      RUN_QUEUE_TOTAL: '1000000',
    },
  });
  const url = String((await server.waitUntilReady())['url']);
  const worker = processes.start({ entry: 'worker/main.ts', cwd: folder, env: shared });
  await worker.waitUntilReady();
  return { url, apiKey, pids: { server: server.pid, worker: worker.pid } };
}
