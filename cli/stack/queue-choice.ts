import { createEmbeddedRedis, findRedis, type EmbeddedRedis } from '../../embedded/redis.ts';
import { runCommand } from '../../embedded/run-command.ts';
import type { CliConfig } from '../config.ts';

/** Which queue a stack uses: a Redis given, one of its own, or Postgres. */
export interface QueueChoice {
  /** For the banner. */
  readonly title: string;
  /** Set when this stack runs a Redis of its own. */
  readonly redis: EmbeddedRedis | undefined;
}

/** A program that only prints its version; slow disks take a second for the first look. */
const versionTimeoutMs = 10_000;

/** Decides which queue is used; nothing is started yet. */
export async function chooseQueue(
  config: CliConfig,
  onUnexpectedExit: (reason: string) => void,
  signal: AbortSignal,
): Promise<QueueChoice> {
  if (config.redisUrl !== null) return { title: 'Redis given by REDIS_URL', redis: undefined };
  const binary = await findRedis({
    searchPath: config.searchPath,
    cacheDir: config.cacheDir,
    now: Date.now,
    signal,
  });
  if (binary === null) {
    return {
      title: 'Postgres (same results, about ten times slower; install redis-server for speed)',
      redis: undefined,
    };
  }
  const env = { LD_LIBRARY_PATH: binary.libraryDirs.join(':') };
  const shown = await runCommand(binary.path, ['--version'], { env, timeoutMs: versionTimeoutMs });
  const version = /v=([\d.]+)/.exec(shown.stdout)?.[1] ?? '';
  const name = binary.path.includes('valkey-server') ? 'Valkey' : 'Redis';
  return {
    title: `${name} ${version} (${binary.path})`,
    redis: createEmbeddedRedis({ dataDir: config.dataDir, binary, onUnexpectedExit }),
  };
}
