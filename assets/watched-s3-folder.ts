import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3ServiceException } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { TerminalError } from '../core/errors/app-error.ts';
import { createS3Client, type S3Access } from './s3-client.ts';
import { tooMany } from './watched-disk-folder.ts';
import { isMeant, type SeenFile, type WatchedFolder } from './watched-folder.ts';

/** A listing of a bucket is paid for, up to 1,000 objects each: once a minute is 43,200 of them a month. */
const lookEveryMs = 60_000;

/** Listings and heads of one folder at a time, and a download. */
const connections = 10;

/** The objects under a prefix of an S3 bucket; an object appears whole. `everyMs`: how often it is listed, default 60,000. */
export function watchS3Folder(access: S3Access, everyMs = lookEveryMs): WatchedFolder {
  const { bucket, prefix } = access.location;
  const client = createS3Client(access, connections);
  const objectOf = (path: string) => ({ Bucket: bucket, Key: prefix + path });

  return {
    lookEveryMs: everyMs,
    isWholeAtOnce: true,
    list: async (most, signal) => {
      const files: SeenFile[] = [];
      try {
        const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
        for await (const { Contents: contents = [] } of pages) {
          signal.throwIfAborted();
          for (const { Key: key = '', Size: bytes = 0, ETag: etag = '', LastModified: at = new Date(0) } of contents) {
            const path = key.slice(prefix.length);
            if (isMeant(path)) files.push({ path, bytes, mark: markOf(etag, at), modifiedAt: at });
          }
          if (files.length > most) throw tooMany(most);
        }
      } catch (error) {
        if (error instanceof S3ServiceException) {
          throw new TerminalError(
            'FOLDER_UNREADABLE',
            `The S3 server refused to list it: ${error.name}. Check its address and the server's keys.`,
            { cause: error },
          );
        }
        throw error;
      }
      return files;
    },
    stat: async (path, signal) => {
      const found = await client.send(new HeadObjectCommand(objectOf(path)), { abortSignal: signal }).catch((error) => {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return null;
        throw error;
      });
      if (found === null) return null;
      const { ContentLength: bytes = 0, ETag: etag = '', LastModified: at = new Date(0) } = found;
      return { path, bytes, mark: markOf(etag, at), modifiedAt: at };
    },
    open: async (path, signal) => {
      const { Body: body } = await client.send(new GetObjectCommand(objectOf(path)), { abortSignal: signal });
      return body as Readable;
    },
  };
}

/** Listings and heads tell the time by the second and by the millisecond. */
function markOf(etag: string, at: Date): string {
  return `${etag.slice(0, 150)} ${Math.floor(at.getTime() / 1_000)}`;
}
