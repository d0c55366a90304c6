import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { AssetStore } from '../../assets/asset-store.ts';
import { contentKey } from '../../assets/blob-key.ts';
import { withSnapshot, type Snapshot } from '../../db/backup/snapshot.ts';
import { createMeter, lineFeed } from './hashing.ts';
import { manifestFile, type Manifest } from './manifest.ts';

interface BackupOptions {
  readonly databaseUrl: string;
  readonly store: AssetStore;
  readonly folder: string;
  readonly version: string;
  readonly now: () => Date;
  readonly say: (text: string) => void;
}

interface BackupResult {
  readonly rows: number;
  readonly files: number;
  /** Files that rows refer to and the store does not have, or has with other bytes. */
  readonly missing: readonly string[];
}

/**
 * Writes a backup. Rows are those of one moment; a file never changes and stays
 * for a day after its last row is gone, so files may be copied afterwards. Files
 * that an earlier backup in the same folder has are not copied again.
 */
export async function writeBackup(options: BackupOptions): Promise<BackupResult> {
  const { folder, store, now, say, version } = options;
  await mkdir(join(folder, 'tables'), { recursive: true });
  // From here on the folder is no backup until the new manifest is there.
  await rm(join(folder, manifestFile), { force: true });
  const { tables, migrations, contents } = await withSnapshot(options.databaseUrl, async (snapshot) => {
    const written: Manifest['tables'] = [];
    for (const table of snapshot.tables) {
      written.push(await writeTable(folder, snapshot, table));
      say(`${table.name}: ${written.at(-1)!.rows} rows`);
    }
    return { tables: written, migrations: [...snapshot.migrations], contents: [...snapshot.contents] };
  });
  const missing: string[] = [];
  for (const sha256 of contents) if (!(await writeContent(folder, store, sha256))) missing.push(sha256);
  say(`${contents.length - missing.length} files`);
  const kept = contents.filter((sha256) => !missing.includes(sha256));
  const manifest: Manifest = {
    format: 1,
    version,
    createdAt: now().toISOString(),
    migrations,
    tables,
    contents: kept,
  };
  await writeFile(join(folder, 'manifest.new'), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 });
  await bringToDisk(join(folder, 'manifest.new'));
  await rename(join(folder, 'manifest.new'), join(folder, manifestFile));
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { rows, files: kept.length, missing };
}

async function writeTable(
  folder: string,
  snapshot: Snapshot,
  table: Snapshot['tables'][number],
): Promise<Manifest['tables'][number]> {
  const file = join(folder, 'tables', `${table.name}.gz`);
  const rows = createMeter(lineFeed);
  const bytes = createMeter();
  await pipeline(
    snapshot.read(table),
    rows.stream,
    createGzip(),
    bytes.stream,
    createWriteStream(file, { mode: 0o600 }),
  );
  await bringToDisk(file);
  return { name: table.name, columns: [...table.columns], rows: rows.counted(), sha256: bytes.sha256() };
}

/** False where the store does not have the file whole. */
async function writeContent(folder: string, store: AssetStore, sha256: string): Promise<boolean> {
  const key = contentKey(sha256);
  const file = join(folder, key);
  const known = await stat(file).catch(() => null);
  // A copy that was cut off has a temporary name; one that is there was checked when it was made.
  if (known !== null) return true;
  const source = await store.open(key);
  if (source === null) return false;
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.new`;
  const meter = createMeter();
  await pipeline(source, meter.stream, createWriteStream(unfinished, { mode: 0o600 }));
  if (meter.sha256() !== sha256) {
    await rm(unfinished);
    return false;
  }
  await bringToDisk(unfinished);
  await rename(unfinished, file);
  return true;
}

async function bringToDisk(file: string): Promise<void> {
  const handle = await open(file);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads every byte of a backup again; returns what is not as the manifest says. */
export async function verifyBackup(folder: string, manifest: Manifest): Promise<string[]> {
  const damaged: string[] = [];
  const check = async (path: string, sha256: string): Promise<void> => {
    const meter = createMeter();
    meter.stream.resume();
    const isRead = await pipeline(createReadStream(join(folder, path)), meter.stream).then(
      () => true,
      () => false,
    );
    if (!isRead || meter.sha256() !== sha256) damaged.push(path);
  };
  for (const { name, sha256 } of manifest.tables) await check(`tables/${name}.gz`, sha256);
  for (const sha256 of manifest.contents) await check(contentKey(sha256), sha256);
  return damaged;
}

/** The manifest of a backup as it is written; null where the folder has none. */
export async function readManifestText(folder: string): Promise<string | null> {
  return readFile(join(folder, manifestFile), 'utf8').catch(() => null);
}
