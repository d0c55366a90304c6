import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { InWorkspace } from '../core/scope.ts';
import { assetIdOf } from '../core/api/assets.ts';
import { fileTypeOf } from '../core/data-types/files.ts';
import { maxBytesOf, rowOf, type FileType } from '../core/data-types/table.ts';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import { createFairPool } from '../core/fair-pool.ts';
import { storedListType } from '../core/node-type/values.ts';
import { defaultStorageQuota, type StorageQuota } from '../core/limits.ts';
import type { Media } from '../media/media.ts';
import type { GuardedFetcher } from '../net/guarded-fetch.ts';
import { createFileRoom, expectedBytes, quotaFull, shareOf, type FileRoom } from './asset-room.ts';
import type { AssetRow, AssetRows } from './asset-rows.ts';
import type { AssetContent, AssetStore } from './asset-store.ts';
import { contentKey } from './blob-key.ts';
import { deleteBlobs } from './delete-blobs.ts';
import type { DiskRoom } from './disk-room.ts';
import { displayName, nameFromUrl, withExtension } from './display-name.ts';
import { decodeInline, isBareBase64, isDataUrl } from './inline-content.ts';
import { hashFile, hashStream, saveStream } from './save-stream.ts';
import { createDerived } from './derived.ts';
import { createPeaks } from './peaks.ts';
import { createPlayable } from './playable.ts';
import { createStaging, type StagedFile, type StageOptions } from './stage-file.ts';
import { createThumbnails } from './thumbnails.ts';
import type { WorkDirs } from './work-dirs.ts';

/** What the service works with. */
export interface AssetServiceDependencies {
  readonly store: AssetStore;
  readonly rows: AssetRows;
  readonly media: Media;
  readonly fetcher: GuardedFetcher;
  readonly workDirs: WorkDirs;
  /** Ids of new rows: UUIDs. */
  readonly createId: () => string;
  /** Default: defaultStorageQuota. */
  readonly quota?: StorageQuota;
  /** Free room where files are written. */
  readonly disk: DiskRoom;
  /** Learns of a blob that was not removed at once; the sweeper does it later. */
  readonly onLeftBlob: (error: unknown) => void;
}

interface IngestOptions {
  readonly userId: string;
  /** Who uploads it. Default null: the owner, or a run. */
  readonly uploadedBy?: string | null | undefined;
  /** In whose turns it is looked at. Default: `userId`. */
  readonly turnOf?: string | undefined;
  /** Shown to people; bounded and cleaned here. */
  readonly name: string;
  /** What the file has to be; anything that is taken where left out. */
  readonly kind?: FileType;
  /** Whether the bytes come from outside; our own products are not searched for damage. Default true. */
  readonly isForeign?: boolean;
  /** Learns of the asset where there was none with this content and name before. */
  readonly onMade?: ((asset: AssetRow) => void) | undefined;
  readonly signal: AbortSignal;
}

/** What is known of a file that may be kept. */
interface CheckedFile {
  readonly description: Awaited<ReturnType<Media['describe']>>;
  readonly name: string;
  /** The one of this content and name that is there; null: it is new, and room for it was taken. */
  readonly existing: AssetRow | null;
}

interface ResolveOptions {
  readonly userId: string;
  readonly kind: FileType;
  readonly signal: AbortSignal;
}

interface ReceiveOptions extends IngestOptions {
  /** Length of the request that brings the file, where it is known: what cannot fit is refused before it is read. */
  readonly contentLength?: number | undefined;
  /** How much of the quota may be in use afterwards, from 0 to 1. Default 1. */
  readonly share?: number;
}

/** A file that has come whole and is not kept yet. */
export interface ReceivedFile {
  readonly sha256: string;
  /** Whether it may be kept: sniffed, probed, and room taken. Nothing is kept. Throws as `ingest` does. */
  check(): Promise<void>;
  /** Sniffed, probed, stored, entered. Throws as `ingest` does. */
  keep(): Promise<AssetRow>;
  /** Removes what was not kept. To be called in every case. */
  dispose(): Promise<void>;
}

/** Files of users: taken in, looked up, served, deleted. Used by server and worker. */
export interface AssetService {
  /** Takes in a stream without keeping it yet. Throws FILE_TOO_LARGE, STORAGE_FULL. */
  receive(source: Readable, options: ReceiveOptions): Promise<ReceivedFile>;
  /** Takes in a stream that becomes no asset. Throws STORAGE_FULL. */
  stage(source: Readable, options: StageOptions): Promise<StagedFile>;
  /**
   * Takes in a stream, or a file that is then moved: sniffed, probed, stored,
   * entered. The same content under the same name gives the same asset. Room is
   * taken before bytes are kept, and what is refused leaves nothing. Throws
   * FILE_EMPTY, FILE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_*, VIDEO_*, STORAGE_FULL.
   */
  ingest(source: Readable | { readonly file: string }, options: IngestOptions): Promise<AssetRow>;
  /**
   * Moves a list that we have written into the store, as JSON lines; see `StoredLists`. The run holds it from then on.
   * Throws STORAGE_FULL.
   */
  keepList(
    file: string,
    of: { readonly userId: string; readonly runId: string; readonly bytes: number; readonly sha256: string },
  ): Promise<AssetRow>;
  /** Removes assets of a workspace, and at once the blobs and previews that nobody else has. Gives those that were there. */
  remove(scope: InWorkspace, assetIds: readonly string[]): Promise<readonly AssetRow[]>;
  /** Throws ASSET_NOT_FOUND, also for the asset of another workspace. */
  find(scope: InWorkspace, assetId: string): Promise<AssetRow>;
  /**
   * The asset that a text means: its id or content path, an http(s) URL, a data
   * URL or bare base64. Throws ASSET_NOT_FOUND, TYPE_MISMATCH, URL_*, DOWNLOAD_*
   * and as ingest does.
   */
  resolve(source: string, options: ResolveOptions): Promise<AssetRow>;
  /** The bytes of an asset. Throws ASSET_NOT_FOUND where the blob is missing. */
  content(asset: AssetRow): Promise<AssetContent>;
  /**
   * A WebP preview of an image or video, made when it is first asked for. The
   * width is rounded up to one of a few, so that the store does not fill with sizes. `turnOf`: in whose turns it is made;
   * default: the asset's owner.
   */
  thumbnail(
    asset: AssetRow,
    options: { width: number; signal: AbortSignal; turnOf?: string | undefined },
  ): Promise<AssetContent>;
  /** How loud an audio file is, as JSON (`peaksSchema`); measured when it is first asked for. Throws UNSUPPORTED_MEDIA for anything else. */
  peaks(asset: AssetRow, options: { signal: AbortSignal }): Promise<AssetContent>;
  /** An audio file as MP3, which every browser plays, made when it is first asked for; any other file as it is. `turnOf` as for previews. */
  playable(asset: AssetRow, options: { signal: AbortSignal; turnOf?: string | undefined }): Promise<AssetContent>;
  /** A local file with the asset's bytes, to be read only; copied into `folder` where the store is not local. */
  localFile(asset: AssetRow, folder: string): Promise<string>;
}

/** One name for all: equal lists are one file. */
const listName = 'list.jsonl';

/** Downloads from addresses that users give: as many as a worker has nodes of this kind, and some for others beside one user's. */
const downloadPlaces = { places: 48, maxPerOwner: 32, maxWaitingPerOwner: 1_000 };

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The one way to files, for servers and workers alike; nothing has to be started or stopped. */
export function createAssetService(dependencies: AssetServiceDependencies): AssetService {
  const { store, rows, media, fetcher, workDirs, createId, quota = defaultStorageQuota } = dependencies;
  const { disk, onLeftBlob } = dependencies;
  const derived = createDerived({ store, rows, quota, workDirs });
  const thumbnails = createThumbnails({ derived, media, localFile });
  const peaks = createPeaks({ derived, media, localFile });
  const playable = createPlayable({ derived, media, localFile, content });
  const downloads = createFairPool({ ...downloadPlaces, busy: tooManyDownloads });

  const openRoom = (userId: string, step?: number, share = 1) =>
    createFileRoom({ rows, disk, quota: shareOf(quota, share) }, { id: createId(), userId, step });

  async function checkFile(
    file: string,
    sha256: string,
    { options, room }: { options: IngestOptions; room: FileRoom },
  ): Promise<CheckedFile> {
    const { userId, turnOf = userId, kind, isForeign = true, signal } = options;
    const description = await media.describe({ file, isForeign, signal, owner: turnOf });
    if (kind !== undefined && description.kind !== kind) {
      throw new TerminalError(
        'UNSUPPORTED_MEDIA',
        `This takes ${rowOf(kind).named}, but the file is of type ${description.mimeType}. Use another one.`,
        { details: { expected: kind, actual: description.kind } },
      );
    }
    const { extension, bytes } = description;
    const shown = displayName(options.name, `${description.kind}.${extension}`);
    const name = isForeign ? shown : withExtension(shown, extension);
    const existing = (await room.claim(bytes, sha256)) ? null : await findKept({ userId, sha256, name });
    return { description, name, existing };
  }

  async function keepFile(
    file: string,
    sha256: string,
    { options, room }: { options: IngestOptions; room: FileRoom },
    checked?: CheckedFile,
  ): Promise<AssetRow> {
    const { description, name, existing } = checked ?? (await checkFile(file, sha256, { options, room }));
    if (existing !== null) return existing;
    const { userId } = options;
    const { mimeType, bytes, width, height, durationMs, channels, sampleRate } = description;
    await store.put(contentKey(sha256), file);
    const facts = { width, height, durationMs, channels, sampleRate };
    const asset = { id: createId(), userId, uploadedBy: options.uploadedBy, sha256, name, mimeType, bytes, ...facts };
    const row = await rows.insert(asset, quota, room.id);
    if (row !== null) {
      if (row.id === asset.id) options.onMade?.(row);
      return row;
    }
    // The room ran out before it was used.
    await room.close();
    await dropContent(sha256);
    throw quotaFull(quota);
  }

  async function keepList(
    file: string,
    { userId, runId, bytes, sha256 }: { userId: string; runId: string; bytes: number; sha256: string },
  ): Promise<AssetRow> {
    const room = openRoom(userId);
    try {
      if (!(await room.claim(bytes, sha256))) throw quotaFull(quota);
      await store.put(contentKey(sha256), file);
      const facts = { width: null, height: null, durationMs: null, channels: null, sampleRate: null };
      const named = { name: listName, mimeType: storedListType, heldBy: runId };
      const asset = { id: createId(), userId, sha256, bytes, ...named, ...facts };
      const row = await rows.insert(asset, quota, room.id);
      if (row !== null) return row;
      await room.close();
      await dropContent(sha256);
      throw quotaFull(quota);
    } finally {
      await room.close();
    }
  }

  /** Removes a content that nobody has any more. Not to be failed for: the sweeper removes what is left. */
  async function dropContent(sha256: string): Promise<void> {
    await rows.dropContent(sha256, () => deleteBlobs(store, sha256)).catch(onLeftBlob);
  }

  /** Whether a file of this size may be one that the user has: what is sent again is answered even where there is no room. */
  async function mayBeThere(userId: string, least: number, most: number | undefined): Promise<boolean> {
    return rows.hasOfSize({ workspaceId: userId }, { least, most: most ?? Number.MAX_SAFE_INTEGER });
  }

  async function findKept(asset: Pick<AssetRow, 'userId' | 'sha256' | 'name'>): Promise<AssetRow> {
    const existing = await rows.findSame(asset);
    if (existing === null) throw quotaFull(quota);
    return existing;
  }

  async function receive(source: Readable, options: ReceiveOptions): Promise<ReceivedFile> {
    const { userId, kind, contentLength, share, signal } = options;
    const expected = expectedBytes(contentLength);
    const workDir = workDirs.open();
    const room = openRoom(userId, expected.step, share);
    const dispose = async () => {
      await workDir.dispose();
      await room.close();
    };
    try {
      const maxBytes = maxBytesOf(kind, media.limits);
      // What is too large anyway is refused for that.
      const isRoom = await room.need(Math.min(maxBytes, expected.least)).then(
        () => true,
        async (error: unknown) => {
          if (!(await mayBeThere(userId, expected.least, contentLength))) throw error;
          return false;
        },
      );
      if (!isRoom) {
        const sha256 = await hashStream(source, { maxBytes, signal });
        const find = () => findKept({ userId, sha256, name: displayName(options.name, '') });
        return { sha256, check: async () => void (await find()), keep: find, dispose };
      }
      const file = join(workDir.path, 'incoming');
      const sha256 = await saveStream(source, { file, maxBytes, need: room.need, signal });
      const context = { options, room };
      let checked: Promise<CheckedFile> | undefined;
      const check = () => (checked ??= checkFile(file, sha256, context));
      return {
        sha256,
        check: async () => void (await check()),
        keep: async () => keepFile(file, sha256, context, await check()),
        dispose,
      };
    } catch (error) {
      await dispose();
      throw error;
    }
  }

  async function ingest(source: Readable | { readonly file: string }, options: IngestOptions): Promise<AssetRow> {
    if (!('file' in source)) {
      const received = await receive(source, options);
      return received.keep().finally(received.dispose);
    }
    const { file } = source;
    const room = openRoom(options.userId);
    try {
      return await keepFile(file, await hashFile(file, options.signal), { options, room });
    } finally {
      await room.close();
    }
  }

  async function remove(scope: InWorkspace, assetIds: readonly string[]): Promise<readonly AssetRow[]> {
    const removed = await rows.delete(scope, assetIds);
    for (const sha256 of new Set(removed.map((row) => row.sha256))) await dropContent(sha256);
    return removed;
  }

  async function find(scope: InWorkspace, assetId: string): Promise<AssetRow> {
    const row = idPattern.test(assetId) ? await rows.find(scope, assetId.toLowerCase()) : null;
    if (row === null) throw notFound(assetId);
    return row;
  }

  async function resolve(text: string, { userId, kind, signal }: ResolveOptions): Promise<AssetRow> {
    const source = text.trim();
    const assetId = idPattern.test(source) ? source : assetIdOf(source);
    if (assetId !== null) {
      const row = await find({ workspaceId: userId }, assetId);
      if (fileTypeOf(row.mimeType) === kind) return row;
      throw new TerminalError(
        'TYPE_MISMATCH',
        `The asset ${assetId} is of type ${row.mimeType}, not ${kind}. Use another one.`,
        {
          details: { assetId, expected: kind },
        },
      );
    }
    const workDir = workDirs.open();
    const room = openRoom(userId);
    const keep = async (file: string, name: string) =>
      keepFile(file, await hashFile(file, signal), { options: { userId, kind, name, signal }, room });
    try {
      const file = join(workDir.path, 'resolved');
      const maxBytes = maxBytesOf(kind, media.limits);
      if (isDataUrl(source) || isBareBase64(source)) {
        const bytes = decodeInline(source, maxBytes);
        await room.need(bytes.byteLength);
        await writeFile(file, bytes);
        return await keep(file, kind);
      }
      const { url } = await downloads.run({ owner: userId, signal }, () =>
        fetcher.download(source, { file, maxBytes, need: room.need, signal }),
      );
      return await keep(file, nameFromUrl(url));
    } finally {
      await workDir.dispose();
      await room.close();
    }
  }

  async function content(asset: AssetRow): Promise<AssetContent> {
    const key = contentKey(asset.sha256);
    const found = await store.stat(key);
    if (found === null) throw contentMissing(asset);
    return {
      mimeType: asset.mimeType,
      bytes: found.bytes,
      etag: asset.sha256,
      async open(range) {
        const stream = await store.open(key, range);
        if (stream === null) throw contentMissing(asset);
        return stream;
      },
    };
  }

  async function localFile(asset: AssetRow, folder: string): Promise<string> {
    const key = contentKey(asset.sha256);
    const path = store.localPath(key);
    if (path !== null) {
      if ((await store.stat(key)) === null) throw contentMissing(asset);
      return path;
    }
    const file = join(folder, asset.sha256);
    const copied = await (await content(asset)).open();
    try {
      const sha256 = await saveStream(copied, { file, maxBytes: asset.bytes, signal: new AbortController().signal });
      if (sha256 === asset.sha256) return file;
    } catch (error) {
      // Copied before in the same attempt.
      if (systemCodeOf(error) === 'EEXIST') return file;
      await rm(file, { force: true });
      throw error;
    }
    await rm(file, { force: true });
    throw new RetryableError('INTERNAL', `The store gave other bytes for asset ${asset.id} than were put.`);
  }

  return {
    receive,
    stage: createStaging({ workDirs, openRoom, maxBytes: quota.maxBytes }),
    ingest,
    keepList,
    remove,
    find,
    resolve,
    content,
    localFile,
    thumbnail: (asset, options) => thumbnails.get(asset, options),
    peaks: (asset, options) => peaks.get(asset, options),
    playable: (asset, options) => playable.get(asset, options),
  };
}

function tooManyDownloads(): RetryableError {
  return new RetryableError('RATE_LIMITED', 'Too many of your downloads are under way. Try again in a moment.', {
    retryAfterMs: 5_000,
  });
}

function notFound(assetId: string): TerminalError {
  return new TerminalError(
    'ASSET_NOT_FOUND',
    `There is no asset ${assetId.slice(0, 64)}. Upload it, or choose another under Settings, Files.`,
  );
}

function contentMissing(asset: AssetRow): TerminalError {
  return new TerminalError(
    'ASSET_NOT_FOUND',
    `The content of asset ${asset.id} (${asset.name}) is gone. Upload it again.`,
    {
      details: { assetId: asset.id },
    },
  );
}
