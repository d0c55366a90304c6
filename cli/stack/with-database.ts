import { lockDataDir } from '../../embedded/data-dir-lock.ts';
import { createEmbeddedPostgres } from '../../embedded/postgres.ts';
import type { CliConfig } from '../config.ts';

/** Gives `work` the database of the configuration; the embedded one is started for it and stopped afterwards. */
export async function withDatabase<Result>(config: CliConfig, work: (url: string) => Promise<Result>): Promise<Result> {
  if (config.databaseDirectUrl !== null) return await work(config.databaseDirectUrl);
  const lock = await lockDataDir(config.dataDir, () => new Date());
  const postgres = createEmbeddedPostgres({ dataDir: config.dataDir, binDir: config.postgresBin });
  try {
    const { url } = await postgres.start();
    return await work(url);
  } finally {
    await postgres.stop();
    await lock.release();
  }
}
