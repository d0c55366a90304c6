import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { AssetContent } from '../../assets/asset-store.ts';
import { TerminalError } from '../../core/errors/app-error.ts';

/**
 * Browsers may keep a copy, and ask each time before they show it: the bytes never change, but who may see them does, at
 * the latest with the sign-out. With the ETag the answer is 304 and costs no bytes.
 */
const cachePolicy = 'private, no-cache';

/** How a file is sent. */
export interface SendOptions {
  readonly content: AssetContent;
  readonly name: string;
  /** Save it instead of showing it. */
  readonly asDownload: boolean;
  /** Waits for the turn to send; gives what ends it. */
  readonly begin: () => Promise<() => void>;
  /** Ends it in the middle. */
  readonly signal: AbortSignal;
  /** A download of which nobody takes anything for so long is ended. Default 60,000 ms: a player that was paused asks again. */
  readonly idleMs?: number;
}

/** So long a reader may take nothing before the answer is broken off. */
export const defaultIdleMs = 60_000;

/** What belongs to the file and not to a problem that is answered in its place. */
const contentHeaders = ['ETag', 'Cache-Control', 'Content-Disposition', 'Accept-Ranges'];

/**
 * Serves a user's file with Range and ETag support. Nothing in it can run: the
 * type is the one found in the content, browsers may not guess another, and a
 * page made of it has no rights (CSP sandbox).
 */
export async function sendContent(request: Request, response: Response, options: SendOptions): Promise<void> {
  const { content } = options;
  const etag = `"${content.etag}"`;
  response.set({
    'Content-Type': content.mimeType,
    'Content-Security-Policy':
      "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    'Content-Disposition': disposition(options.name, options.asDownload),
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': cachePolicy,
    Vary: 'Authorization, Cookie',
    'Accept-Ranges': 'bytes',
    ETag: etag,
  });
  if (matchesEtag(request.get('If-None-Match'), etag)) {
    response.removeHeader('Content-Type');
    response.status(304).end();
    return;
  }
  const isRangeFresh = request.get('If-Range') === undefined || request.get('If-Range') === etag;
  const range = isRangeFresh ? parseRange(request.get('Range'), content.bytes) : null;
  if (range === 'outside') {
    response.set('Content-Range', `bytes */${content.bytes}`);
    for (const name of contentHeaders) response.removeHeader(name);
    throw new TerminalError(
      'RANGE_NOT_SATISFIABLE',
      `The file has ${content.bytes} bytes; the range lies outside. Ask for one within.`,
    );
  }
  const { start, end } = range ?? { start: 0, end: content.bytes - 1 };
  const answer = () => {
    response.status(range === null ? 200 : 206).set('Content-Length', String(end - start + 1));
    if (range !== null) response.set('Content-Range', `bytes ${start}-${end}/${content.bytes}`);
  };
  if (request.method === 'HEAD') {
    answer();
    response.end();
    return;
  }
  const leave = await options.begin().catch((error: unknown) => {
    for (const name of contentHeaders) response.removeHeader(name);
    throw error;
  });
  try {
    const stream = await content.open(range ?? undefined);
    answer();
    const watch = endIdle(options.idleMs ?? defaultIdleMs);
    await pipeline(stream, watch, response, { signal: options.signal }).catch((error: unknown) => {
      // A player that jumps closes the connection in the middle; that is no failure.
      if (!response.destroyed) throw error;
    });
  } finally {
    leave();
  }
}

/** Passes everything on, and breaks the stream when nothing has moved for so long. */
export function endIdle(idleMs: number): Transform {
  const timer = setTimeout(() => watch.destroy(new Error('nobody reads this download')), idleMs);
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      done(null, chunk);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
  return watch;
}

/** A single range; null where there is none or one that may be ignored (several ranges, other units). */
export function parseRange(
  header: string | undefined,
  bytes: number,
): { readonly start: number; readonly end: number } | 'outside' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Number(last);
    return length === 0 || bytes === 0 ? 'outside' : { start: Math.max(0, bytes - length), end: bytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= bytes ? 'outside' : { start, end };
}

function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((part) => part.trim() === '*' || part.trim().replace(/^W\//, '') === etag);
}

/** RFC 6266: an ASCII stand-in for old clients and the real name in UTF-8. Nothing of it can end the header. */
export function disposition(name: string, asDownload: boolean): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.replaceAll(/\p{Cs}/gu, '_')).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `${asDownload ? 'attachment' : 'inline'}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
