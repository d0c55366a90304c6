import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { TerminalError } from '../core/errors/app-error.ts';
import type { S3Location } from './s3-location.ts';
import { tooMany } from './watched-disk-folder.ts';
import { isMeant, type SeenFile, type WatchedFolder } from './watched-folder.ts';

interface WatchedBucket {
  readonly location: S3Location;
  /** Null: what the machine has, such as the role of an instance. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** The objects under a prefix of an S3 bucket; an object appears whole. */
export function watchS3Folder({ location, credentials }: WatchedBucket): WatchedFolder {
  const { bucket, prefix, region, endpoint, isPathStyle } = location;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: isPathStyle,
    ...(credentials === null ? {} : { credentials: { ...credentials } }),
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
  });
  const objectOf = (path: string) => ({ Bucket: bucket, Key: prefix + path });

  return {
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
