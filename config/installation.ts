import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { limitsOf, limitsShape, type InstallationLimits } from './limits.ts';
import { ConfigError, withFileSecrets, type Environment } from './environment.ts';

/*
 * What servers and workers of one installation have in common. Each process
 * puts its own variables beside these in its own config.ts.
 */

/** A whole number within bounds. */
export const count = (least: number, most: number, standard: number) =>
  z.coerce.number('must be a number').int('must be a whole number').min(least).max(most).default(standard);

/** A text of a form that an example shows best. */
export const address = (pattern: RegExp, example: string) => z.string().regex(pattern, `must look like ${example}`);

/** Parts between commas, without blanks. */
export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

/** One price: a name, then dollars for a million tokens in, and out, for a second of video, and for an image. */
const pricePattern = /^([^=\s]+)=(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?)?$/;

interface Price {
  readonly input: number;
  readonly output: number;
  readonly second?: number;
  readonly image?: number;
}

function readPrices(text: string, context: z.RefinementCtx): Record<string, Price> {
  const parts = list.parse(text).map((part) => pricePattern.exec(part));
  if (parts.some((part) => part === null)) context.addIssue('must look like llama-9=0.2/0.6, openai/gpt-9=1/4');
  return Object.fromEntries(parts.flatMap((part) => (part === null ? [] : [[part[1]!, priceOf(part)]])));
}

function priceOf([, , input, output, second, image]: RegExpExecArray): Price {
  return {
    input: Number(input),
    output: Number(output),
    // Of models that make images, the place of the second is held by a 0.
    ...(second !== undefined && !(image !== undefined && Number(second) === 0) && { second: Number(second) }),
    ...(image !== undefined && { image: Number(image) }),
  };
}

/** Variables that may also be given as a file, by `<NAME>_FILE`. */
export const installationSecrets = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'REDIS_URL',
  'REDIS_CA',
  'GEMINI_API_KEY',
  'OPENAI_API_KEY',
  'SECRETS_KEY',
  'SECRETS_KEY_OLD',
  'ASSETS_URL',
  'ASSETS_ACCESS_KEY_ID',
  'ASSETS_SECRET_ACCESS_KEY',
] as const;

const postgresUrl = address(/^postgres(?:ql)?:\/\//, 'postgres://user:password@host:5432/name');

/** Where Redis is. */
export const redisShape = {
  REDIS_URL: address(/^rediss?:\/\//, 'redis://host:6379').optional(),
  /** More nodes of a Redis Cluster to start from, in commas. */
  REDIS_CLUSTER_NODES: list.refine(
    (nodes) => nodes.every((node) => /^(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(node)),
    'must look like redis-2:6379,redis-3:6379',
  ),
  /** Who signs its certificate; without it the authorities that Node knows. */
  REDIS_CA: address(/-----BEGIN CERTIFICATE-----/, 'a certificate as PEM')
    // As a line of a .env file.
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .optional(),
};

/** The shape that a process's schema spreads. */
export const installationShape = {
  DATA_DIR: z.string().default('.heddle'),
  ASSETS_URL: address(
    /^(?:file:\/{1,3}[^/]|s3:\/\/[^/@]+(?:\/|\?|$))/,
    'file:///var/lib/heddle/assets or s3://bucket/prefix',
  ).optional(),
  /** For S3; without the two the machine's own role counts. */
  ASSETS_ACCESS_KEY_ID: z.string().optional(),
  ASSETS_SECRET_ACCESS_KEY: z.string().optional(),
  /** How browsers reach the servers; it may have a path that the app lives under. */
  PUBLIC_URL: address(
    /^https?:\/\/[^\s/?#@]+(?:\/[\w~-][\w.~-]*)*\/?$/,
    'https://heddle.example or https://example.org/heddle',
  )
    .refine((url) => URL.canParse(url), 'must be an address')
    .optional(),
  /** Whom a site may write to about downloads: an e-mail address or a web address. */
  FETCH_CONTACT: address(
    /^(?:https?:\/\/[\w.~:/?#%=&@+-]+|[\w.+-]+@[\w.-]+)$/,
    'https://example.org/about or it@example.org',
  )
    .max(200, 'must have at most 200 characters')
    .optional(),
  /** Hosts, addresses and CIDR blocks inside the own network that nodes may fetch from. */
  FETCH_ALLOW: list,
  DATABASE_URL: postgresUrl,
  /** For LISTEN, where DATABASE_URL goes through a pooler. */
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  ...redisShape,
  REDIS_PREFIX: z.string().default('{heddle}'),
  GEMINI_API_KEY: z.string().optional(),
  GEMINI_BASE_URL: z.string().optional(),
  GEMINI_MODELS: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_MODELS: z.string().optional(),
  /** The server makes one job of requests with one idempotency key, so that a video may be handed in again. */
  OPENAI_IDEMPOTENT_JOBS: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  /** US dollars for a million tokens in and out, a second of video, an image: `llama-9=0.2/0.6, sora-2=0/0/0.1, flux=0/0/0/0.03`. */
  MODEL_PRICES: z.string().default('').transform(readPrices),
  /** What users' own provider keys are encrypted with; the old one opens what was encrypted before. */
  SECRETS_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  SECRETS_KEY_OLD: z.string().min(32, 'must have at least 32 characters').optional(),
  FFMPEG_PATH: z.string().optional(),
  FFPROBE_PATH: z.string().optional(),
  /** Where traces are sent to, in OTLP over HTTP; without it there are none. */
  OTEL_EXPORTER_OTLP_ENDPOINT: address(/^https?:\/\//, 'http://otel-collector:4318').optional(),
  PATH: z.string().default(''),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a log level')
    .default('info'),
  ...limitsShape,
  // Four heartbeats: three may be lost.
  LEASE_MS: count(100, 600_000, 10_000),
};

const installationSchema = z.object(installationShape);
type InstallationValues = z.output<typeof installationSchema>;

/** What servers and workers of one installation are both told. */
export interface InstallationConfig {
  readonly dataDir: string;
  /** Where files are kept, as a `file:` or `s3:` URL. */
  readonly assetsUrl: string;
  /** For S3; null: the role that the machine has. */
  readonly assetsCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  /** Where sites can ask about downloads; null: nowhere. */
  readonly fetchContact: string | null;
  /** What downloads may reach besides public addresses. */
  readonly fetchAllow: readonly string[];
  readonly databaseUrl: string;
  /** A connection without a pooler in between. */
  readonly databaseDirectUrl: string;
  /** Null: the queue lives in Postgres. */
  readonly redisUrl: string | null;
  readonly redisPrefix: string;
  /** More nodes of a Redis Cluster, as `host:port`; empty: it is one Redis. */
  readonly redisClusterNodes: readonly string[];
  /** Who signs the certificate of Redis, as PEM; null: one of the authorities that Node knows. */
  readonly redisCa: string | null;
  readonly providers: Readonly<
    Partial<
      Record<
        'GEMINI_API_KEY' | 'GEMINI_BASE_URL' | 'GEMINI_MODELS' | 'OPENAI_BASE_URL' | 'OPENAI_API_KEY' | 'OPENAI_MODELS',
        string
      > & { OPENAI_IDEMPOTENT_JOBS: boolean }
    >
  >;
  /** What models cost, by name, in US dollars for a million tokens. */
  readonly modelPrices: Readonly<Record<string, Price>>;
  /** What users' own provider keys are encrypted with; null: they cannot have any. */
  readonly secretsKey: { readonly present: string; readonly old: string | undefined } | null;
  /** Where the video programs are. */
  readonly binaries: { readonly ffmpegPath?: string; readonly ffprobePath?: string; readonly searchPath: string };
  /** Where traces are sent to; null: there are none. */
  readonly tracesEndpoint: string | null;
  readonly logLevel: string;
  /** A worker that has not renewed for so long is dead. */
  readonly leaseMs: number;
  readonly limits: InstallationLimits;
}

/** Turns the variables, checked already, into the config; paths become absolute. */
export function installationOf(values: InstallationValues): InstallationConfig {
  const dataDir = path.resolve(values.DATA_DIR);
  return {
    dataDir,
    assetsUrl: values.ASSETS_URL ?? pathToFileURL(path.join(dataDir, 'assets')).href,
    assetsCredentials: credentialsOf(values.ASSETS_ACCESS_KEY_ID, values.ASSETS_SECRET_ACCESS_KEY),
    fetchContact: values.FETCH_CONTACT ?? values.PUBLIC_URL ?? null,
    fetchAllow: values.FETCH_ALLOW,
    databaseUrl: values.DATABASE_URL,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? values.DATABASE_URL,
    redisUrl: values.REDIS_URL ?? null,
    redisPrefix: prefixOf(values.REDIS_PREFIX, values.REDIS_CLUSTER_NODES),
    redisClusterNodes: values.REDIS_CLUSTER_NODES,
    redisCa: values.REDIS_CA ?? null,
    providers: {
      GEMINI_API_KEY: values.GEMINI_API_KEY,
      GEMINI_BASE_URL: values.GEMINI_BASE_URL,
      GEMINI_MODELS: values.GEMINI_MODELS,
      OPENAI_BASE_URL: values.OPENAI_BASE_URL,
      OPENAI_API_KEY: values.OPENAI_API_KEY,
      OPENAI_MODELS: values.OPENAI_MODELS,
      OPENAI_IDEMPOTENT_JOBS: values.OPENAI_IDEMPOTENT_JOBS === '1',
    },
    modelPrices: values.MODEL_PRICES,
    secretsKey: values.SECRETS_KEY === undefined ? null : { present: values.SECRETS_KEY, old: values.SECRETS_KEY_OLD },
    binaries: { ffmpegPath: values.FFMPEG_PATH, ffprobePath: values.FFPROBE_PATH, searchPath: values.PATH },
    tracesEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    logLevel: values.LOG_LEVEL,
    leaseMs: values.LEASE_MS,
    limits: limitsOf(values),
  };
}

/** In a cluster all keys of the queue must be on one node. Throws ConfigError. */
function prefixOf(prefix: string, clusterNodes: readonly string[]): string {
  if (clusterNodes.length === 0 || /\{[^{}]+\}/.test(prefix)) return prefix;
  throw new ConfigError([
    'REDIS_PREFIX must hold a part in braces, such as {heddle}, where REDIS_CLUSTER_NODES is set.',
  ]);
}

/** Both or none: half a key opens nothing. Throws ConfigError. */
export function credentialsOf(accessKeyId: string | undefined, secretAccessKey: string | undefined) {
  if (accessKeyId === undefined && secretAccessKey === undefined) return null;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  const missing = accessKeyId === undefined ? 'ASSETS_ACCESS_KEY_ID' : 'ASSETS_SECRET_ACCESS_KEY';
  throw new ConfigError([`${missing} is not set, but its other half is.`]);
}

/** What a schema cannot see: rules over several variables, told together with everything else. */
export type Inspect = (filled: Environment, complain: (name: string, message: string) => void) => void;

/**
 * Parses an environment. Throws one ConfigError that names every variable with
 * a problem; no value is ever in it.
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  env: Environment,
  secrets: readonly string[],
  inspect: Inspect = () => {},
): z.output<Schema> {
  const problems: string[] = [];
  const filled = withFileSecrets(env, secrets, problems);
  const parsed = schema.safeParse(filled);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    problems.push(`${name} ${filled[name] === undefined ? 'is not set' : issue.message}.`);
  }
  inspect(filled, (name, message) => problems.push(`${name} ${message}.`));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}
