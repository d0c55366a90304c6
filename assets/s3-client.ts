import { S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from './s3-location.ts';

/** What signs requests to an S3 server. */
interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Where a bucket is, and how it is reached. */
export interface S3Access {
  readonly location: S3Location;
  /** Null: what the machine has, such as the role of an instance. */
  readonly credentials: S3Credentials | null;
}

/** A client for the server of a bucket. `maxSockets`: connections that it keeps open at most. */
export function createS3Client({ location, credentials }: S3Access, maxSockets: number): S3Client {
  const { region, endpoint, isPathStyle } = location;
  return new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: isPathStyle,
    ...(credentials === null ? {} : { credentials: { ...credentials } }),
    // Not every S3 server knows the newer checksums; some store their framing as part of the object.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 5_000,
      socketTimeout: 60_000,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
  });
}
