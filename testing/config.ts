import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the global setup hands to the test files, by environment variables: the files run in processes of their own. */
export interface TestServices {
  /** Connection string of the throw-away Postgres, with the right to make databases. */
  readonly postgresUrl: string;
  /** Name of the migrated database that test databases are cloned from. */
  readonly templateDatabase: string;
  /** Connection string of the throw-away Redis; undefined when none could be had. */
  readonly redisUrl: string | undefined;
}

/** Hands over the folder of bundled programs, see bundle-programs.ts. */
export function publishBundledPrograms(folder: string): void {
  process.env['HEDDLE_TEST_PROGRAMS'] = folder;
}

/** Undefined where nobody has made one for this run: chaos and benches run what the compiler wrote. */
export function readBundledPrograms(): string | undefined {
  return process.env['HEDDLE_TEST_PROGRAMS'];
}

/** Hands over the folder of bundled child processes, see bundle-children.ts; jest/runtime.mjs reads it. */
export function publishBundledChildren(folder: string): void {
  process.env['HEDDLE_TEST_CHILDREN'] = folder;
}

export function publishTestServices(services: TestServices): void {
  process.env['HEDDLE_TEST_POSTGRES_URL'] = services.postgresUrl;
  process.env['HEDDLE_TEST_TEMPLATE_DATABASE'] = services.templateDatabase;
  process.env['HEDDLE_TEST_REDIS_URL'] = services.redisUrl ?? '';
}

/** Throws when the test does not run in the project `integration`. */
export function readTestServices(): TestServices {
  const postgresUrl = process.env['HEDDLE_TEST_POSTGRES_URL'];
  const templateDatabase = process.env['HEDDLE_TEST_TEMPLATE_DATABASE'];
  if (postgresUrl === undefined || templateDatabase === undefined) {
    throw new Error('No test services: run this file with "npx jest --selectProjects integration".');
  }
  const redisUrl = process.env['HEDDLE_TEST_REDIS_URL'];
  return { postgresUrl, templateDatabase, redisUrl: redisUrl === '' ? undefined : redisUrl };
}

/** Where programs are looked for and unpacked ones are kept. */
export function readToolPlaces(): {
  readonly searchPath: string;
  readonly cacheDir: string;
  readonly postgresBin?: string;
} {
  const cacheHome = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return {
    searchPath: process.env['PATH'] ?? '',
    cacheDir: join(cacheHome, 'heddle'),
    postgresBin: process.env['POSTGRES_BIN'] || undefined,
  };
}

/** The video programs that whoever runs the tests wants them to use. */
export function readVideoPrograms(): { readonly ffmpegPath?: string; readonly ffprobePath?: string } {
  return {
    ffmpegPath: process.env['FFMPEG_PATH'] || undefined,
    ffprobePath: process.env['FFPROBE_PATH'] || undefined,
  };
}

/** What child processes of tests inherit: where programs are, nothing that could reach a real service. */
export function readChildEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'XDG_CACHE_HOME', 'FFMPEG_PATH', 'FFPROBE_PATH', 'POSTGRES_BIN'];
  return Object.fromEntries(kept.map((name) => [name, process.env[name]] as const).filter(([, value]) => value));
}
