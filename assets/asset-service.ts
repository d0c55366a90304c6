import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { assetIdOf } from '../core/api/assets.ts';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import { defaultStorageQuota, type StorageQuota } from '../core/limits.ts';
import type { MediaKind } from '../core/node-type/executor.ts';
import type { Media } from '../media/media.ts';
import type { GuardedFetcher } from '../net/guarded-fetch.ts';
import type { AssetRow, AssetRows } from './asset-rows.ts';
import type { AssetContent, AssetStore } from './asset-store.ts';
import { contentKey } from './blob-key.ts';
import { displayName, nameFromUrl, withExtension } from './display-name.ts';
import { decodeInline, isBareBase64, isDataUrl } from './inline-content.ts';
import { hashFile, saveStream } from './save-stream.ts';
import { createThumbnails } from './thumbnails.ts';
import type { WorkDirs } from './work-dirs.ts';

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
}

export interface IngestOptions {
  readonly userId: string;
  /** Shown to people; bounded and cleaned here. */
  readonly name: string;
  /** What the file has to be; anything that is taken where left out. */
  readonly kind?: MediaKind;
  /** Whether the bytes come from outside; our own products are not searched for damage. Default true. */
  readonly isForeign?: boolean;
  readonly signal: AbortSignal;
}

export interface ResolveOptions {
  readonly userId: string;
  readonly kind: MediaKind;
  readonly signal: AbortSignal;
}

/** Files of users: taken in, looked up, served. Used by server and worker. */
export interface AssetService {
  /**
   * Takes in a stream, or a file that is then moved: sniffed, probed, stored,
   * entered. The same content under the same name gives the same asset. Throws
   * FILE_EMPTY, FILE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_*, VIDEO_*, STORAGE_FULL.
   */
  ingest(source: Readable | { readonly file: string }, options: IngestOptions): Promise<AssetRow>;
  /** Throws ASSET_NOT_FOUND, also for somebody else's asset. */
  find(userId: string, assetId: string): Promise<AssetRow>;
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
   * width is rounded up to one of a few, so that the store does not fill with sizes.
   */
  thumbnail(asset: AssetRow, options: { width: number; signal: AbortSignal }): Promise<AssetContent>;
  /** A local file with the asset's bytes, to be read only; copied into `folder` where the store is not local. */
  localFile(asset: AssetRow, folder: string): Promise<string>;
}

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function createAssetService(dependencies: AssetServiceDependencies): AssetService {
  const { store, rows, media, fetcher, workDirs, createId, quota = defaultStorageQuota } = dependencies;
  const { maxImageBytes, maxVideoBytes } = media.limits;
  const maxBytesOf = (kind: MediaKind | undefined) =>
    kind === 'image' ? maxImageBytes : Math.max(maxImageBytes, maxVideoBytes);
  const thumbnails = createThumbnails({ store, media, workDirs, localFile });

  async function ingestFile(file: string, sha256: string, options: IngestOptions): Promise<AssetRow> {
    const { userId, kind, isForeign = true, signal } = options;
    const description = await media.describe({ file, isForeign, signal });
    if (kind !== undefined && description.kind !== kind) {
      throw new TerminalError(
        'UNSUPPORTED_MEDIA',
        `${kind === 'image' ? 'A picture' : 'A video'} is needed here, but the file is of type ${description.mimeType}.`,
        { details: { expected: kind, actual: description.kind } },
      );
    }
    await store.put(contentKey(sha256), file);
    const { extension, mimeType, bytes, width, height, durationMs } = description;
    const name = displayName(options.name, `${description.kind}.${extension}`);
    const row = await rows.insert(
      {
        id: createId(),
        userId,
        sha256,
        name: isForeign ? name : withExtension(name, extension),
        mimeType,
        bytes,
        width,
        height,
        durationMs,
      },
      quota,
    );
    // The blob stays without a row; the sweeper removes it unless somebody else has it.
    if (row !== null) return row;
    throw new TerminalError(
      'STORAGE_FULL',
      `Your files may take ${quota.maxBytes} bytes in ${quota.maxFiles} files. Delete some before you add more.`,
      { details: { ...quota } },
    );
  }

  async function ingest(source: Readable | { readonly file: string }, options: IngestOptions): Promise<AssetRow> {
    const { signal } = options;
    if ('file' in source) return ingestFile(source.file, await hashFile(source.file, signal), options);
    const workDir = workDirs.open();
    try {
      const file = join(workDir.path, 'incoming');
      const sha256 = await saveStream(source, { file, maxBytes: maxBytesOf(options.kind), signal });
      return await ingestFile(file, sha256, options);
    } finally {
      await workDir.dispose();
    }
  }

  async function find(userId: string, assetId: string): Promise<AssetRow> {
    const row = idPattern.test(assetId) ? await rows.find(userId, assetId.toLowerCase()) : null;
    if (row === null) throw notFound(assetId);
    return row;
  }

  async function resolve(text: string, { userId, kind, signal }: ResolveOptions): Promise<AssetRow> {
    const source = text.trim();
    const assetId = idPattern.test(source) ? source : assetIdOf(source);
    if (assetId !== null) {
      const row = await find(userId, assetId);
      if (row.mimeType.startsWith(`${kind}/`)) return row;
      throw new TerminalError('TYPE_MISMATCH', `The asset ${assetId} is of type ${row.mimeType}, not ${kind}.`, {
        details: { assetId, expected: kind },
      });
    }
    const workDir = workDirs.open();
    try {
      const file = join(workDir.path, 'resolved');
      const maxBytes = maxBytesOf(kind);
      if (isDataUrl(source) || isBareBase64(source)) {
        await writeFile(file, decodeInline(source, maxBytes));
        return await ingest({ file }, { userId, kind, name: kind, signal });
      }
      const { url } = await fetcher.download(source, { file, maxBytes, signal });
      return await ingest({ file }, { userId, kind, name: nameFromUrl(url), signal });
    } finally {
      await workDir.dispose();
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

  return { ingest, find, resolve, content, localFile, thumbnail: (asset, options) => thumbnails.get(asset, options) };
}

function notFound(assetId: string): TerminalError {
  return new TerminalError('ASSET_NOT_FOUND', `There is no asset ${assetId.slice(0, 64)}.`);
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
