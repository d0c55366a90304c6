import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A program that speaks Redis. */
export interface RedisBinary {
  readonly path: string;
  /** Folders with the shared libraries that it needs beyond those of the system. */
  readonly libraryDirs: readonly string[];
}

const names = ['redis-server', 'valkey-server'];

/** The first redis-server or valkey-server on `searchPath` (the form of PATH), or null. */
export async function findRedisOnPath(searchPath: string): Promise<RedisBinary | null> {
  for (const name of names) {
    for (const folder of searchPath.split(delimiter).filter((entry) => entry !== '')) {
      const path = join(folder, name);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return { path, libraryDirs: [] };
    }
  }
  return null;
}
