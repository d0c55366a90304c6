import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadEnvFile } from 'node:process';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Environment } from '../config/environment.ts';
import { address, credentialsOf, installationSecrets, parseEnvironment, redisShape } from '../config/installation.ts';

/**
 * The environment of this process, with the variables of the file `.env` in
 * the working directory (or of ENV_FILE) that are not set already.
 */
export function readEnvironment(): Environment {
  const file = process.env['ENV_FILE'] || '.env';
  if (existsSync(file)) loadEnvFile(file);
  return process.env;
}

const postgresUrl = address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name').optional();

const schema = z.object({
  PORT: z.coerce.number('must be a number').int('must be a whole number').min(1).max(65_535).optional(),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('.heddle'),
  DATABASE_URL: postgresUrl,
  DATABASE_DIRECT_URL: postgresUrl,
  ...redisShape,
  ASSETS_URL: z.string().optional(),
  ASSETS_ACCESS_KEY_ID: z.string().optional(),
  ASSETS_SECRET_ACCESS_KEY: z.string().optional(),
  POSTGRES_BIN: z.string().optional(),
  FFMPEG_PATH: z.string().optional(),
  FFPROBE_PATH: z.string().optional(),
  PATH: z.string().default(''),
  XDG_CACHE_HOME: z.string().optional(),
  GEMINI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
  DRAIN_MS: z.coerce.number('must be a number').min(0).max(600_000).default(0),
  NICENESS: z.coerce.number('must be a number').int('must be a whole number').min(0).max(19).optional(),
  HEDDLE_SERVER: z.url('must be the address of a server, such as http://127.0.0.1:3000').optional(),
  HEDDLE_API_KEY: z.string().optional(),
  HEDDLE_WORKSPACE: z.string().optional(),
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
  readonly redisClusterNodes: readonly string[];
  readonly redisCa: string | null;
  readonly assetsUrl: string;
  /** For S3; null: the role that the machine has. */
  readonly assetsCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  readonly postgresBin: string | undefined;
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  readonly searchPath: string;
  /** Where unpacked programs are kept. */
  readonly cacheDir: string;
  readonly hasGemini: boolean;
  readonly hasOpenAi: boolean;
  /** Milliseconds that server and worker were told to give work in flight; 0 when they use their own defaults. */
  readonly drainMs: number;
  /** How far `start` steps back behind other programs of this machine, 0 to 19; null: as own-machine-niceness.ts says. */
  readonly niceness: number | null;
  /** For `run`: the server to use and its key. */
  readonly server: string | undefined;
  readonly apiKey: string | undefined;
  /** The id of the workspace to work in on a server. */
  readonly workspace: string | undefined;
  /** What children inherit. */
  readonly environment: Environment;
}

/** Reads the configuration; paths are taken from `workingDir`. Throws ConfigError with every problem. */
export function readCliConfig(env: Environment, workingDir: string): CliConfig {
  const values = parseEnvironment(schema, env, installationSecrets);
  const dataDir = resolve(workingDir, values.DATA_DIR);
  return {
    dataDir,
    host: values.HOST,
    port: values.PORT ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    redisClusterNodes: values.REDIS_CLUSTER_NODES,
    redisCa: values.REDIS_CA ?? null,
    assetsUrl: values.ASSETS_URL ?? pathToFileURL(join(dataDir, 'assets')).href,
    assetsCredentials: credentialsOf(values.ASSETS_ACCESS_KEY_ID, values.ASSETS_SECRET_ACCESS_KEY),
    postgresBin: values.POSTGRES_BIN,
    ffmpegPath: values.FFMPEG_PATH,
    ffprobePath: values.FFPROBE_PATH,
    searchPath: values.PATH,
    cacheDir: join(values.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle'),
    hasGemini: values.GEMINI_API_KEY !== undefined,
    hasOpenAi: values.OPENAI_BASE_URL !== undefined,
    drainMs: values.DRAIN_MS,
    niceness: values.NICENESS ?? null,
    server: values.HEDDLE_SERVER,
    apiKey: values.HEDDLE_API_KEY,
    workspace: values.HEDDLE_WORKSPACE,
    environment: env,
  };
}

/** The environment for server and worker: what this process has, with `values` in place of what the user gave. */
export function childEnvironment(env: Environment, values: Readonly<Record<string, string>>): Environment {
  const replaced = new Set(Object.keys(values).map((name) => `${name}_FILE`));
  const kept = Object.entries(env).filter(([name, value]) => value !== '' && !replaced.has(name));
  return { NODE_ENV: 'production', ...Object.fromEntries(kept), ...values };
}

/** The values of an environment that must not be shown to anybody: keys, passwords, tokens. */
export function secretValues(env: Environment): readonly string[] {
  const named = Object.entries(env).filter(([name]) => /(?:_KEY|PASSWORD|SECRET|TOKEN)$/.test(name));
  return named.map(([, value]) => value ?? '');
}
