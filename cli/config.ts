import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** The environment of this process; the only place that reads it. */
export function readEnvironment(): Environment {
  return process.env;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** May also be given as a file, by `<NAME>_FILE`. */
const fileSecrets = ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL'] as const;

const address = (pattern: RegExp, example: string) => z.string().regex(pattern, `must look like ${example}`).optional();

const schema = z.object({
  PORT: z.coerce.number('must be a number').int('must be a whole number').min(1).max(65_535).optional(),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('.heddle'),
  DATABASE_URL: address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name'),
  DATABASE_DIRECT_URL: address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name'),
  REDIS_URL: address(/^rediss?:\/\//, 'redis://host:6379'),
  ASSETS_URL: address(/^(?:file|s3):/, 'file:///var/lib/heddle/assets'),
  POSTGRES_BIN: z.string().optional(),
  FFMPEG_PATH: z.string().optional(),
  FFPROBE_PATH: z.string().optional(),
  PATH: z.string().default(''),
  XDG_CACHE_HOME: z.string().optional(),
  GEMINI_API_KEY: z.string().optional(),
  GEMINI_API_KEY_FILE: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
  HEDDLE_SERVER: z.url('must be the address of a server, such as http://127.0.0.1:3000').optional(),
  HEDDLE_API_KEY: z.string().optional(),
});

/** What the command line needs to know; everything else is passed to server and worker untouched. */
export interface CliConfig {
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  /** Null: 3000, or the next free one. */
  readonly port: number | null;
  /** Null: an embedded Postgres. */
  readonly databaseUrl: string | null;
  /** For migrations, where DATABASE_URL goes through a pooler. */
  readonly databaseDirectUrl: string | null;
  /** Null: an embedded Redis where one can be had, else the queue lives in Postgres. */
  readonly redisUrl: string | null;
  readonly assetsUrl: string;
  readonly postgresBin: string | undefined;
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  readonly searchPath: string;
  /** Where unpacked programs are kept. */
  readonly cacheDir: string;
  readonly hasGemini: boolean;
  readonly hasOpenAi: boolean;
  /** For `run`: the server to use and its key. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  /** What children inherit. */
  readonly environment: Environment;
}

/** Every problem at once, by variable name and without any value. */
export class CliConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`The environment is not usable: ${problems.join(' ')}`);
    this.name = 'CliConfigError';
  }
}

/** Reads the configuration; paths are taken from `workingDir`. Throws CliConfigError. */
export function readCliConfig(env: Environment, workingDir: string): CliConfig {
  const problems: string[] = [];
  const parsed = schema.safeParse(withFileSecrets(env, problems));
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}.`));
  }
  if (!parsed.success || problems.length > 0) throw new CliConfigError(problems);
  const values = parsed.data;
  const dataDir = resolve(workingDir, values.DATA_DIR);
  return {
    dataDir,
    host: values.HOST,
    port: values.PORT ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    assetsUrl: values.ASSETS_URL ?? pathToFileURL(join(dataDir, 'assets')).href,
    postgresBin: values.POSTGRES_BIN,
    ffmpegPath: values.FFMPEG_PATH,
    ffprobePath: values.FFPROBE_PATH,
    searchPath: values.PATH,
    cacheDir: join(values.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle'),
    hasGemini: (values.GEMINI_API_KEY ?? values.GEMINI_API_KEY_FILE) !== undefined,
    hasOpenAi: values.OPENAI_BASE_URL !== undefined,
    server: values.HEDDLE_SERVER,
    apiKey: values.HEDDLE_API_KEY,
    environment: env,
  };
}

/** Fills in secrets given as files; an empty variable counts as not set. */
function withFileSecrets(env: Environment, problems: string[]): Environment {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  for (const name of fileSecrets) {
    const file = filled[`${name}_FILE`];
    if (file === undefined) continue;
    if (filled[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set; keep one of them.`);
      continue;
    }
    try {
      filled[name] = readFileSync(file, 'utf8').trim();
    } catch {
      problems.push(`${name}_FILE names a file that cannot be read.`);
    }
  }
  return filled;
}

/** The environment for server and worker: what this process has, with `values` in place of what the user gave. */
export function childEnvironment(env: Environment, values: Readonly<Record<string, string | undefined>>): Environment {
  const replaced = new Set(fileSecrets.filter((name) => values[name] !== undefined).map((name) => `${name}_FILE`));
  const kept = Object.entries(env).filter(([name, value]) => value !== '' && !replaced.has(name));
  return { NODE_ENV: 'production', ...Object.fromEntries(kept), ...values };
}
