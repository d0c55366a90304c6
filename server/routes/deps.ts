import type pg from 'pg';
import type { StoredLists } from '../../assets/stored-lists.ts';
import type { AssetService } from '../../assets/asset-service.ts';
import type { WorkDirs } from '../../assets/work-dirs.ts';
import type { RunTimeouts } from '../../core/graph/settings.ts';
import type { NodeCatalogue } from '../../core/node-type/definition.ts';
import type { Logger, ModelTools } from '../../core/node-type/executor.ts';
import type { Db } from '../../db/client.ts';
import type { AddressRules } from '../../net/address-rules.ts';
import type { AddressCheck } from '../../net/check-address.ts';
import type { SecretBox } from '../../providers/secret-box.ts';
import type { FfmpegParts } from '../../media/video/ffmpeg-parts.ts';
import type { ModelRegistry } from '../../providers/registry.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { RunStarter } from '../../engine/runs/run-starter.ts';
import type { RunTurns } from '../../engine/runs/run-turns.ts';
import type { WaitEnds } from '../../engine/waits/wait-ends.ts';
import type { RunQueue } from '../../queue/run-queue.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { BrowserSignIn } from '../auth/browser-sign-in.ts';
import type { PasswordChecker } from '../auth/check-password.ts';
import type { KnownCredentials } from '../auth/known-credentials.ts';
import type { AuthProvider } from '../auth/provider.ts';
import type { Once } from '../http/idempotency.ts';
import type { TransferTurns } from '../http/transfer-turns.ts';
import type { RunDetails } from '../runs/run-detail.ts';
import type { RunStreams } from '../runs/run-streams.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { WatchFolders } from '../runs/watch-folders.ts';
import type { DiskWatch } from '../limits/disk-watch.ts';
import type { ConfigurableLimits } from '../limits/limits.ts';

/** Everything a server is made of. Whoever puts one together starts and stops these parts. */
export interface ServerDependencies {
  readonly db: Db;
  /** The pool under `db`, for the engine's prepared statements. */
  readonly pool: pg.Pool;
  readonly queue: RunQueue;
  readonly turns: RunTurns;
  /** Starts, retries and cancels runs. */
  readonly starter: RunStarter;
  /** Ends what runs wait for. */
  readonly waitEnds: WaitEnds;
  /** Reads runs as they are answered. */
  readonly runDetails: RunDetails;
  /** Streams runs to whoever asks for their events. */
  readonly streams: RunStreams;
  readonly notices: NoticeChannel;
  readonly assets: AssetService;
  /** Lists that are too large for a row. */
  readonly lists: StoredLists;
  readonly workDirs: WorkDirs;
  readonly models: ModelRegistry;
  /** The models as a user may call them: with keys of their own, where they have some. */
  readonly modelsOf: (userId: string) => ModelTools;
  /** Null where the operator has set no key for it. */
  readonly secretBox: SecretBox | null;
  /** Looks at an address that a user gives, before it is kept. */
  readonly checkAddress: AddressCheck;
  /** What nodes may fetch from. */
  readonly addresses: AddressRules;
  readonly auth: AuthProvider;
  /** Who asks by which credential; what changes what one is worth is told to it. */
  readonly credentials: KnownCredentials;
  readonly browserSignIn: BrowserSignIn;
  /** Does what carries an Idempotency-Key once. */
  readonly once: Once;
  /** Places for files on their way in and out: one set for all routes, since the store has its connections once. */
  readonly transfers: TransferTurns;
  readonly audit: AuditLog;
  /** Folders and buckets whose new files may start workflows. */
  readonly watchFolders: WatchFolders;
  readonly passwords: PasswordChecker;
  readonly disk: Pick<DiskWatch, 'requireRoom'>;
  readonly catalogue: NodeCatalogue;
  /** What the ffmpeg of this server cannot do. */
  readonly lackingParts: FfmpegParts['lacking'];
  readonly logger: Logger;
  readonly limits: ConfigurableLimits;
  readonly rates: RateLimits;
  readonly newId: () => string;
  readonly now: () => Date;
  readonly settings: ServerSettings;
}

/** What of the configuration the request handlers need. */
export interface ServerSettings {
  readonly version: string;
  /** Everything runs on this machine, started by one command. */
  readonly embedded: boolean;
  /** How browsers reach the server; null: by its own address. */
  readonly publicUrl: string | null;
  /** The path of that address; empty: the root of the name. */
  readonly basePath: string;
  /** Origins besides the server's own whose pages may call it, such as `https://tools.example`. */
  readonly allowedOrigins: readonly string[];
  /** Proxies in front of the server whose X-Forwarded-* headers count. */
  readonly trustedProxies: number;
  /** Folder of the built web app. */
  readonly webDir: string;
  /** Milliseconds that one attempt of a node may take where its type has no limit of its own. */
  readonly nodeTimeoutMs: number;
  /** How long a whole run may take. */
  readonly runTimeouts: RunTimeouts;
  /** A worker whose heartbeat is older counts as dead, in milliseconds. */
  readonly leaseMs: number;
}
