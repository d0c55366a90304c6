import { TerminalError } from '../core/errors/app-error.ts';

/** Where in which S3 server the blobs are. */
export interface S3Location {
  readonly bucket: string;
  /** In front of every key; empty or ending with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Undefined: Amazon's own. */
  readonly endpoint: string | undefined;
  /** Whether the bucket is part of the path, not of the host name. */
  readonly isPathStyle: boolean;
}

/** A server of one's own rarely has a region; every client wants one. */
const defaultRegion = 'us-east-1';

const knownParameters: ReadonlySet<string> = new Set(['endpoint', 'region', 'pathStyle']);

/**
 * Reads `s3://bucket/prefix?endpoint=http://s3:9000&region=us-east-1&pathStyle=true`.
 * Only the bucket is needed; with an endpoint the bucket is part of the path
 * unless `pathStyle=false`. Throws REQUEST_INVALID naming what is wrong.
 */
export function parseS3Url(text: string): S3Location {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 's3:' || url.hostname === '' || url.username !== '' || url.password !== '') {
    throw wrong('it must look like s3://bucket/prefix?endpoint=https://s3.example.lan:9000, without keys in it');
  }
  const unknown = [...url.searchParams.keys()].find((name) => !knownParameters.has(name));
  if (unknown !== undefined) throw wrong(`it knows no parameter "${unknown}"`);
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]+\/?$/.test(endpoint)) {
    throw wrong('endpoint must look like http://s3:9000');
  }
  const pathStyle = url.searchParams.get('pathStyle');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false')
    throw wrong('pathStyle must be true or false');
  const folder = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  return {
    bucket: url.hostname,
    prefix: folder === '' ? '' : `${folder}/`,
    region: url.searchParams.get('region') ?? defaultRegion,
    endpoint,
    isPathStyle: pathStyle === null ? endpoint !== undefined : pathStyle === 'true',
  };
}

function wrong(reason: string): TerminalError {
  return new TerminalError('REQUEST_INVALID', `ASSETS_URL cannot be used: ${reason}.`);
}
