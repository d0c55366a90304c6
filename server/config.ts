import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Environment } from '../config/environment.ts';
import {
  count,
  installationOf,
  installationSecrets,
  installationShape,
  list,
  parseEnvironment,
  type Inspect,
  type InstallationConfig,
} from '../config/installation.ts';
import { isLoopback } from '../config/loopback.ts';
import { apiKeyPattern } from '../core/api/keys.ts';
import { passwordWeakness } from '../core/api/password.ts';
import type { RunRetention } from '../db/runs/delete-old.ts';
import { defaultApiRate, defaultRunQueue, defaultRunStartRate } from './limits/limits.ts';
import type { RateLimit } from './limits/rate-table.ts';
import { hashPasswordNow } from './auth/password.ts';
import { readClerkSettings, type ClerkSettings } from './auth/clerk/settings.ts';
import { readOidcProviders, type OidcProvider } from './auth/oidc/settings.ts';
import { readWatchFolders, type AllowedFolder } from './runs/watch-folders.ts';
import type { RunQueueLimits } from '../engine/runs/run-queue-limit.ts';
import type { RunTimeouts } from '../core/graph/settings.ts';

const secrets = [
  ...installationSecrets,
  'BOOTSTRAP_PASSWORD',
  'BOOTSTRAP_API_KEY',
  'CLERK_SECRET_KEY',
  'CLERK_JWT_KEY',
  'CLERK_WEBHOOK_SECRET',
  'OIDC_PROVIDERS',
] as const;

const defaultHost = '127.0.0.1';

const schema = z.object({
  ...installationShape,
  PORT: count(0, 65_535, 3_000),
  HOST: z.string().default(defaultHost),
  ALLOWED_ORIGINS: list,
  TRUST_PROXY: count(0, 10, 0),
  EMBEDDED: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  WEB_DIR: z.string().optional(),
  DATABASE_POOL_SIZE: count(2, 200, 10),
  AUTH_MODE: z.enum(['local', 'clerk'], 'must be local or clerk').default('local'),
  CLERK_PUBLISHABLE_KEY: z.string().optional(),
  CLERK_SECRET_KEY: z.string().optional(),
  CLERK_JWT_KEY: z.string().optional(),
  CLERK_WEBHOOK_SECRET: z.string().optional(),
  CLERK_ISSUER: z.string().optional(),
  CLERK_AUTHORIZED_PARTIES: list,
  WATCH_FOLDERS: z.string().max(65_536).optional(),
  OIDC_PROVIDERS: z
    .string()
    .max(256 * 1_024)
    .optional(),
  BOOTSTRAP_EMAIL: z.email('must be an e-mail address').max(255).optional(),
  BOOTSTRAP_PASSWORD: z.string().optional(),
  BOOTSTRAP_API_KEY: z.string().regex(apiKeyPattern, 'must be "hdl_" and 43 characters of A-Z a-z 0-9 _ -').optional(),
  API_RATE_BURST: count(1, 1_000_000, defaultApiRate.burst),
  RUN_QUEUE_PER_USER: count(0, 1_000_000, defaultRunQueue.maxWaitingPerUser),
  // 0 keeps everything.
  RUN_RETENTION_DAYS: count(0, 36_500, 0),
  RUN_RETENTION_COUNT: count(0, 10_000_000, 0),
  RUN_QUEUE_TOTAL: count(0, 10_000_000, defaultRunQueue.maxWaiting),
  API_RATE_PER_SECOND: count(1, 1_000_000, defaultApiRate.perSecond),
  RUN_START_BURST: count(1, 1_000_000, defaultRunStartRate.burst),
  RUN_START_PER_MINUTE: count(1, 1_000_000, defaultRunStartRate.perSecond * 60),
  // Ten minutes for one attempt, an hour for a run.
  NODE_TIMEOUT_MS: count(1_000, 86_400_000, 600_000),
  RUN_TIMEOUT_MS: count(1_000, 604_800_000, 3_600_000),
  RUN_MAX_TIMEOUT_MS: count(1_000, 604_800_000, 86_400_000),
  // A supervisor that waits 75 s before it kills leaves room.
  DRAIN_MS: count(0, 600_000, 30_000),
});

/** Rules over several variables. */
const inspect: Inspect = (env, complain) => {
  const password = env['BOOTSTRAP_PASSWORD'];
  if (password !== undefined && env['BOOTSTRAP_EMAIL'] === undefined && env['EMBEDDED'] !== '1') {
    complain('BOOTSTRAP_PASSWORD', 'needs BOOTSTRAP_EMAIL beside it');
  }
  const weakness = password === undefined ? null : passwordWeakness(password, env['BOOTSTRAP_EMAIL']);
  if (weakness !== null) complain('BOOTSTRAP_PASSWORD', `is too easy to guess: ${weakness.replace(/\.$/, '')}`);
  const isNearby = isLoopback(env['HOST'] ?? defaultHost);
  readWatchFolders(env['WATCH_FOLDERS'], complain);
  const oidc = readOidcProviders(env['OIDC_PROVIDERS'], complain);
  if (oidc.length > 0 && env['AUTH_MODE'] === 'clerk') complain('OIDC_PROVIDERS', 'goes with AUTH_MODE=local alone');
  if (oidc.length > 0 && env['PUBLIC_URL'] === undefined && !isNearby) {
    complain('PUBLIC_URL', 'is not set; providers have to know the address that people come back to');
  }
  if (env['AUTH_MODE'] !== 'clerk') return;
  readClerkSettings(env, complain);
  const isNamed = ['PUBLIC_URL', 'CLERK_AUTHORIZED_PARTIES'].some((name) => env[name] !== undefined);
  if (!isNamed && !isNearby) {
    complain('PUBLIC_URL', 'is not set; AUTH_MODE=clerk must know whose pages its tokens are for');
  }
};

/** The configuration of a server, read and checked. */
export interface ServerConfig extends InstallationConfig {
  readonly port: number;
  readonly host: string;
  /** How browsers reach the server, without a slash at its end; null: by its own address. */
  readonly publicUrl: string | null;
  /** The path of that address; empty: the root of the name. */
  readonly basePath: string;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: number;
  readonly embedded: boolean;
  /** Where the samples of the first workflows are. */
  readonly samplesDir: string;
  readonly webDir: string;
  readonly databasePoolSize: number;
  /** Null: sign-in is kept by this installation itself. */
  readonly clerk: ClerkSettings | null;
  /** OpenID Connect providers beside the accounts of this installation. */
  readonly oidc: readonly OidcProvider[];
  /** Folders and buckets whose new files may start workflows. */
  readonly watchFolders: readonly AllowedFolder[];
  /** Origins whose pages the tokens of the identity provider may be for; empty: the server's own. */
  readonly authorizedParties: readonly string[];
  readonly bootstrap: {
    readonly email: string | undefined;
    /** Hash of the owner's first password, which itself is kept nowhere. */
    readonly passwordHash: string | undefined;
    readonly apiKey: string | undefined;
  };
  readonly apiRate: RateLimit;
  readonly runStartRate: RateLimit;
  /** Which finished runs are removed. */
  readonly retention: RunRetention;
  readonly runQueue: RunQueueLimits;
  readonly nodeTimeoutMs: number;
  readonly runTimeouts: RunTimeouts;
  /** How long requests under way may take to end after SIGTERM. */
  readonly drainMs: number;
}

/** A day where the workflow asks for it; but whoever has set the limit of all runs meant that none takes longer. */
function mostRunMs(values: { readonly RUN_TIMEOUT_MS: number; readonly RUN_MAX_TIMEOUT_MS: number }, env: Environment) {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const isCap = isSet('RUN_TIMEOUT_MS') && !isSet('RUN_MAX_TIMEOUT_MS');
  return isCap ? values.RUN_TIMEOUT_MS : values.RUN_MAX_TIMEOUT_MS;
}

/** Reads the configuration. Throws one ConfigError with every problem; no value is ever in it. */
export function readConfig(env: Environment = process.env): ServerConfig {
  const values = parseEnvironment(schema, env, secrets, inspect);
  const publicUrl = values.PUBLIC_URL === undefined ? null : new URL(values.PUBLIC_URL);
  const basePath = publicUrl?.pathname.replace(/\/+$/, '') ?? '';
  const allowedOrigins = [...values.ALLOWED_ORIGINS, ...(publicUrl === null ? [] : [publicUrl.origin])];
  return {
    ...installationOf(values),
    port: values.PORT,
    host: values.HOST,
    publicUrl: publicUrl === null ? null : `${publicUrl.origin}${basePath}`,
    basePath,
    allowedOrigins,
    trustedProxies: values.TRUST_PROXY,
    embedded: values.EMBEDDED === '1',
    samplesDir: samplesDir(),
    webDir: path.resolve(values.WEB_DIR ?? builtWebDir()),
    databasePoolSize: values.DATABASE_POOL_SIZE,
    // What was wrong with them has been told by then.
    clerk: values.AUTH_MODE === 'clerk' ? readClerkSettings(values, () => {}) : null,
    oidc: readOidcProviders(values.OIDC_PROVIDERS, () => {}),
    watchFolders: readWatchFolders(values.WATCH_FOLDERS, () => {}),
    authorizedParties: values.CLERK_AUTHORIZED_PARTIES.length > 0 ? values.CLERK_AUTHORIZED_PARTIES : allowedOrigins,
    bootstrap: {
      email: values.BOOTSTRAP_EMAIL,
      passwordHash: values.BOOTSTRAP_PASSWORD === undefined ? undefined : hashPasswordNow(values.BOOTSTRAP_PASSWORD),
      apiKey: values.BOOTSTRAP_API_KEY,
    },
    apiRate: { burst: values.API_RATE_BURST, perSecond: values.API_RATE_PER_SECOND },
    runStartRate: { burst: values.RUN_START_BURST, perSecond: values.RUN_START_PER_MINUTE / 60 },
    retention: { days: values.RUN_RETENTION_DAYS || null, perWorkflow: values.RUN_RETENTION_COUNT || null },
    runQueue: { maxWaitingPerUser: values.RUN_QUEUE_PER_USER, maxWaiting: values.RUN_QUEUE_TOTAL },
    nodeTimeoutMs: values.NODE_TIMEOUT_MS,
    runTimeouts: {
      defaultMs: values.RUN_TIMEOUT_MS,
      mostMs: Math.max(values.RUN_TIMEOUT_MS, mostRunMs(values, env)),
    },
    drainMs: values.DRAIN_MS,
  };
}

/** The project's folder, or for the compiled files the one that they lie in: its dist, or the package's bundles. */
const programDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const isCompiled = import.meta.url.endsWith('.js');

/** The built web app, seen from the sources as well as from the compiled files. */
function builtWebDir(): string {
  return isCompiled ? path.join(programDir, 'web') : path.join(programDir, 'dist', 'web');
}

/** The image and the video that come with the app: among the web app's files where that is built, else its sources. */
function samplesDir(): string {
  const built = path.join(builtWebDir(), 'samples');
  if (existsSync(built)) return built;
  return path.join(isCompiled ? path.dirname(programDir) : programDir, 'web', 'public', 'samples');
}

/** The owner's password: its hash is in the configuration, and nothing of this process or of a child needs it any more. */
export function forgetPassword(env: Record<string, string | undefined> = process.env): void {
  delete env['BOOTSTRAP_PASSWORD'];
}

/** Nothing here phones home, the libraries included. */
export function turnOffTelemetry(env: Record<string, string | undefined> = process.env): void {
  env['CLERK_TELEMETRY_DISABLED'] = '1';
}
