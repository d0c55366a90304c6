import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3ServiceException,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createReadStream } from 'node:fs';
import { rm, stat as statFile } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { AssetStore, BlobStat } from './asset-store.ts';
import { checkKey, sha256Of } from './blob-key.ts';
import { createS3Client, type S3Access } from './s3-client.ts';

interface S3StoreOptions extends S3Access {
  /** The clock, in ms. */
  readonly now: () => number;
}

/** Open at once for each kind of work. Of downloads there are more than a server sends at once (transfer-turns.ts), as previews and nodes read too. */
const connections = { questions: 50, uploads: 50, downloads: 320 };
/** Larger files go up in parts of this size; S3 takes 10,000 of them. */
const partBytes = 8 * 1_048_576;
/** Parts of one file under way at once: 16 MB of memory. */
const partsAtOnce = 2;
/** A put of a crashed process is older than this; no put takes an hour. */
const staleAfterMs = 3_600_000;
/** Nobody sweeps a blob of this age: it need not be put again. */
const youngMs = 3_600_000;
/** What S3 servers call "there is no room". */
const fullCodes: ReadonlySet<string> = new Set(['QuotaExceeded', 'InsufficientCapacity', 'XMinioStorageFull']);

/**
 * Blobs as objects of an S3 bucket. An object appears whole when its put is
 * done; parts of a put that broke off are removed at a later start.
 */
export function createS3Store({ now, ...access }: S3StoreOptions): AssetStore {
  const { bucket, prefix } = access.location;
  // A reader keeps a connection for as long as it likes, and an upload while it is sent: neither may hold up a question.
  const client = createS3Client(access, connections.questions);
  const uploads = createS3Client(access, connections.uploads);
  const downloads = createS3Client(access, connections.downloads);
  const objectOf = (key: string) => ({ Bucket: bucket, Key: prefix + checkKey(key) });

  async function stat(key: string): Promise<BlobStat | null> {
    const found = await client.send(new HeadObjectCommand(objectOf(key))).catch(ifMissing(null));
    if (found === null) return null;
    return { bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) };
  }

  async function put(key: string, file: string): Promise<void> {
    const object = objectOf(key);
    const { size } = await statFile(file);
    const known = await stat(key);
    // Old ones are put again, which makes them young for the sweeper.
    if (known?.bytes !== size || now() - known.modifiedAt.getTime() > youngMs) {
      const body = createReadStream(file);
      const upload = new Upload({
        client: uploads,
        params: { ...object, Body: body, ContentType: 'application/octet-stream' },
        partSize: partBytes,
        queueSize: partsAtOnce,
      });
      try {
        await upload.done();
      } finally {
        body.destroy();
      }
      const stored = await stat(key);
      if (stored?.bytes !== size) {
        await client.send(new DeleteObjectCommand(object));
        throw new RetryableError(
          'INTERNAL',
          `The S3 server stored ${stored?.bytes ?? 'none'} of ${size} bytes of a file.`,
        );
      }
    }
    await rm(file, { force: true });
  }

  async function makeBucket(): Promise<void> {
    const isMissing = await client.send(new HeadBucketCommand({ Bucket: bucket })).then(() => false, ifMissing(true));
    if (!isMissing) return;
    // Another process may make it at the same moment.
    await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
      if (nameOf(error) !== 'BucketAlreadyOwnedByYou' && nameOf(error) !== 'BucketAlreadyExists') throw error;
    });
  }

  async function removeUnfinished(): Promise<void> {
    let page: ListMultipartUploadsCommandOutput | undefined;
    do {
      const after = { KeyMarker: page?.NextKeyMarker, UploadIdMarker: page?.NextUploadIdMarker };
      page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after }));
      for (const { Key = '', UploadId, Initiated } of page.Uploads ?? []) {
        // Without a prefix the bucket may have uploads of others, which are none of our business.
        if (sha256Of(Key.slice(prefix.length)) === null) continue;
        if (Initiated === undefined || now() - Initiated.getTime() < staleAfterMs) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      }
    } while (page.IsTruncated === true);
  }

  async function* list(wanted: string): AsyncIterable<BlobStat & { readonly key: string }> {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix + wanted })) {
      for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
        const key = Key.slice(prefix.length);
        if (sha256Of(key) !== null) yield { key, bytes: Size, modifiedAt: LastModified };
      }
    }
  }

  return {
    start: () =>
      explained(async () => {
        await makeBucket();
        // Servers that do not list them clean up by themselves.
        await removeUnfinished().catch(() => {});
      }),
    put: (key, file) => explained(() => put(key, file)),
    open: (key, range) =>
      explained(async () => {
        const part = range && { Range: `bytes=${range.start}-${range.end}` };
        const found = await downloads.send(new GetObjectCommand({ ...objectOf(key), ...part })).catch(ifMissing(null));
        if (found === null) return null;
        const { Body: body, ContentRange: sent = 'bytes 0-' } = found;
        if (!(body instanceof Readable)) throw new TypeError('The S3 client gave a body that is no stream of Node.');
        const first = Number(/^bytes (\d+)-/.exec(sent)?.[1]);
        return range === undefined ? body : cut(body, range.start - first, range.end - first);
      }),
    stat: (key) => explained(() => stat(key)),
    delete: (key) =>
      explained(async () => {
        if ((await stat(key)) === null) return false;
        await client.send(new DeleteObjectCommand(objectOf(key)));
        return true;
      }),
    list,
    localPath: () => null,
    stop: async () => {
      for (const one of [client, uploads, downloads]) one.destroy();
    },
  };
}

/** The bytes from `start` to `end` of a stream: servers may send more than they were asked for. */
function cut(source: Readable, start: number, end: number): Readable {
  let position = 0;
  const cutter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const piece = chunk.subarray(Math.max(0, start - position), Math.max(0, end + 1 - position));
      position += chunk.byteLength;
      done(null, piece);
    },
  });
  // Errors reach whoever reads; a reader that goes away ends the download.
  return pipeline(source, cutter, () => {});
}

/** Turns what the S3 server says into errors that operators and users can act on. */
async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RetryableError || error instanceof TypeError) throw error;
    if (error instanceof S3ServiceException) {
      const { name, $metadata } = error;
      if (fullCodes.has(name) || $metadata.httpStatusCode === 507) {
        throw new RetryableError('STORAGE_FULL', 'The S3 server has no room left. Ask the operator to make some.');
      }
      if (($metadata.httpStatusCode ?? 500) < 500) {
        throw new TerminalError(
          'SERVICE_UNAVAILABLE',
          `The S3 server refuses: ${name}. Check ASSETS_URL and its keys.`,
        );
      }
    }
    throw new RetryableError('SERVICE_UNAVAILABLE', 'The S3 server for files does not answer. Try again shortly.', {
      cause: error,
    });
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Turns "no such object" into a value. */
function ifMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return value;
    throw error;
  };
}
