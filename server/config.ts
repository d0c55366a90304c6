import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { apiKeyPattern } from '../core/api/keys.ts';
import { defaultGraphLimits } from '../core/graph/limits.ts';
import { ConfigError, withFileSecrets, type Environment } from './environment.ts';
import { defaultApiRate } from './limits.ts';

/** May also be given as a file, by `<NAME>_FILE`. */
const secrets = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'REDIS_URL',
  'BOOTSTRAP_PASSWORD',
  'BOOTSTRAP_API_KEY',
  'GEMINI_API_KEY',
  'OPENAI_API_KEY',
  'ASSETS_URL',
] as const;

const count = (least: number, most: number, standard: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(least).max(most).default(standard);
const address = (pattern: RegExp, example: string) => z.string().regex(pattern, `must look like ${example}`);
const flag = z.enum(['0', '1'], 'must be 0 or 1').default('0');
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const schema = z
  .object({
    PORT: count(0, 65_535, 3_000),
    HOST: z.string().default('127.0.0.1'),
    PUBLIC_URL: address(/^https?:\/\/[^/]+$/, 'https://heddle.example (without a path)').optional(),
    ALLOWED_ORIGINS: list,
    TRUST_PROXY: count(0, 10, 0),
    EMBEDDED: flag,
    DATA_DIR: z.string().default('.heddle'),
    ASSETS_URL: address(/^file:\/{1,3}[^/]/, 'file:///var/lib/heddle/assets').optional(),
    /** Hosts, addresses and CIDR blocks inside the own network that nodes may fetch from. */
    FETCH_ALLOW: list,
    WEB_DIR: z.string().optional(),
    DATABASE_URL: address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name'),
    /** For LISTEN, where DATABASE_URL goes through a pooler. */
    DATABASE_DIRECT_URL: address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name').optional(),
    DATABASE_POOL_SIZE: count(2, 200, 10),
    REDIS_URL: address(/^rediss?:\/\//, 'redis://host:6379').optional(),
    REDIS_PREFIX: z.string().default('{heddle}'),
    AUTH_MODE: z.enum(['local', 'clerk'], 'must be local or clerk').default('local'),
    BOOTSTRAP_EMAIL: z.email('must be an e-mail address').max(255).optional(),
    BOOTSTRAP_PASSWORD: z.string().min(8, 'must have at least 8 characters').max(1_024).optional(),
    BOOTSTRAP_API_KEY: z
      .string()
      .regex(apiKeyPattern, 'must be "hdl_" and 43 characters of A-Z a-z 0-9 _ -')
      .optional(),
    GEMINI_API_KEY: z.string().optional(),
    GEMINI_BASE_URL: z.string().optional(),
    GEMINI_MODELS: z.string().optional(),
    OPENAI_BASE_URL: z.string().optional(),
    OPENAI_API_KEY: z.string().optional(),
    OPENAI_MODELS: z.string().optional(),
    FFMPEG_PATH: z.string().optional(),
    FFPROBE_PATH: z.string().optional(),
    PATH: z.string().default(''),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a log level')
      .default('info'),
    GRAPH_MAX_NODES: count(1, 10_000, defaultGraphLimits.maxNodes),
    GRAPH_MAX_EDGES: count(1, 50_000, defaultGraphLimits.maxEdges),
    GRAPH_MAX_CHAIN: count(1, 10_000, defaultGraphLimits.maxChain),
    GRAPH_MAX_FAN_OUT: count(1, 10_000, defaultGraphLimits.maxFanOut),
    API_RATE_BURST: count(1, 1_000_000, defaultApiRate.burst),
    API_RATE_PER_SECOND: count(1, 1_000_000, defaultApiRate.perSecond),
    // Ten minutes for one attempt, an hour for a run.
    NODE_TIMEOUT_MS: count(1_000, 86_400_000, 600_000),
    RUN_TIMEOUT_MS: count(1_000, 604_800_000, 3_600_000),
    LEASE_MS: count(100, 600_000, 10_000),
    // A supervisor that waits 75 s before it kills leaves room.
    DRAIN_MS: count(0, 600_000, 30_000),
  })
  .superRefine((values, context) => {
    const complain = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
    if (values.AUTH_MODE === 'clerk') complain('AUTH_MODE', 'clerk is not part of this build; use local');
    if (values.BOOTSTRAP_PASSWORD !== undefined && values.BOOTSTRAP_EMAIL === undefined && values.EMBEDDED === '0') {
      complain('BOOTSTRAP_PASSWORD', 'needs BOOTSTRAP_EMAIL beside it');
    }
  });

export interface ServerConfig {
  readonly port: number;
  readonly host: string;
  /** How browsers reach the server; null: by its own address. */
  readonly publicUrl: string | null;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: number;
  readonly embedded: boolean;
  readonly dataDir: string;
  /** Where files are kept, as a `file:` URL. */
  readonly assetsUrl: string;
  /** What downloads may reach besides public addresses. */
  readonly fetchAllow: readonly string[];
  readonly webDir: string;
  readonly databaseUrl: string;
  /** A connection without a pooler in between. */
  readonly databaseDirectUrl: string;
  readonly databasePoolSize: number;
  readonly redisUrl: string | null;
  readonly redisPrefix: string;
  readonly bootstrap: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly apiKey: string | undefined;
  };
  readonly providers: {
    readonly GEMINI_API_KEY?: string;
    readonly GEMINI_BASE_URL?: string;
    readonly GEMINI_MODELS?: string;
    readonly OPENAI_BASE_URL?: string;
    readonly OPENAI_API_KEY?: string;
    readonly OPENAI_MODELS?: string;
  };
  /** Where the video programs are. */
  readonly binaries: { readonly ffmpegPath?: string; readonly ffprobePath?: string; readonly searchPath: string };
  readonly logLevel: string;
  readonly graphLimits: {
    readonly maxNodes: number;
    readonly maxEdges: number;
    readonly maxChain: number;
    readonly maxFanOut: number;
  };
  readonly apiRate: { readonly burst: number; readonly perSecond: number };
  readonly nodeTimeoutMs: number;
  readonly runTimeoutMs: number;
  readonly leaseMs: number;
  /** How long requests under way may take to end after SIGTERM. */
  readonly drainMs: number;
}

/** Reads the configuration. Throws one ConfigError with every problem; no value is ever in it. */
export function readConfig(env: Environment = process.env): ServerConfig {
  const problems: string[] = [];
  const parsed = schema.safeParse(withFileSecrets(env, secrets, problems));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
      problems.push(`${String(issue.path[0])} ${isMissing ? 'is not set' : issue.message}.`);
    }
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const values = parsed.data;
  const dataDir = path.resolve(values.DATA_DIR);
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL ?? null,
    allowedOrigins: [...values.ALLOWED_ORIGINS, ...(values.PUBLIC_URL === undefined ? [] : [values.PUBLIC_URL])],
    trustedProxies: values.TRUST_PROXY,
    embedded: values.EMBEDDED === '1',
    dataDir,
    assetsUrl: values.ASSETS_URL ?? pathToFileURL(path.join(dataDir, 'assets')).href,
    fetchAllow: values.FETCH_ALLOW,
    webDir: path.resolve(values.WEB_DIR ?? builtWebDir()),
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    redisUrl: values.REDIS_URL ?? null,
    redisPrefix: values.REDIS_PREFIX,
    bootstrap: {
      email: values.BOOTSTRAP_EMAIL,
      password: values.BOOTSTRAP_PASSWORD,
      apiKey: values.BOOTSTRAP_API_KEY,
    },
    providers: {
      GEMINI_API_KEY: values.GEMINI_API_KEY,
      GEMINI_BASE_URL: values.GEMINI_BASE_URL,
      GEMINI_MODELS: values.GEMINI_MODELS,
      OPENAI_BASE_URL: values.OPENAI_BASE_URL,
      OPENAI_API_KEY: values.OPENAI_API_KEY,
      OPENAI_MODELS: values.OPENAI_MODELS,
    },
    binaries: {
      ffmpegPath: values.FFMPEG_PATH,
      ffprobePath: values.FFPROBE_PATH,
      searchPath: values.PATH,
    },
    logLevel: values.LOG_LEVEL,
    graphLimits: {
      maxNodes: values.GRAPH_MAX_NODES,
      maxEdges: values.GRAPH_MAX_EDGES,
      maxChain: values.GRAPH_MAX_CHAIN,
      maxFanOut: values.GRAPH_MAX_FAN_OUT,
    },
    apiRate: { burst: values.API_RATE_BURST, perSecond: values.API_RATE_PER_SECOND },
    nodeTimeoutMs: values.NODE_TIMEOUT_MS,
    runTimeoutMs: values.RUN_TIMEOUT_MS,
    leaseMs: values.LEASE_MS,
    drainMs: values.DRAIN_MS,
  };
}

/** dist/web of the project, seen from the sources as well as from the compiled files in dist. */
function builtWebDir(): string {
  const above = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  return path.basename(above) === 'dist' ? path.join(above, 'web') : path.join(above, 'dist', 'web');
}

/** Whether only programs on this machine can reach a listener on `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
