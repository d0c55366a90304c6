import type { RecordedRequest, Reply } from './recording-server.ts';

/*
 * Gemini's Files API by its public documents: an upload is begun, gets an address, and takes pieces there; the file is
 * read for a while, then it can be named. What is not there is answered with 403.
 */

export interface FakeFile {
  readonly name: string;
  readonly mimeType: string;
  bytes: Buffer;
  state: 'PROCESSING' | 'ACTIVE' | 'FAILED';
  /** Looks until it is ready. */
  looksLeft: number;
  expirationTime: string;
}

export interface FakeGeminiFiles {
  /** What lies there, by name. */
  readonly files: Map<string, FakeFile>;
  /** `METHOD path` of each request that was about files, oldest first; pieces as `offset+length command`. */
  readonly asked: string[];
  /** Answers what is about files; false for everything else. */
  answer(response: Parameters<Extract<Reply, (...args: never[]) => unknown>>[0], request: RecordedRequest): boolean;
  /** What becomes of the next pieces: kept, kept halfway before the connection breaks, or refused with a status. */
  pieces(...outcomes: readonly ('kept' | 'cut' | number)[]): void;
}

const twoDaysMs = 172_800_000;

/** `url` is that of the server that answers; `looks` how often a file is not ready yet; `end` what becomes of it then. */
export function createFakeGeminiFiles({
  url,
  looks = 1,
  end = 'ACTIVE',
  now,
}: {
  readonly url: () => string;
  readonly looks?: number;
  readonly end?: 'ACTIVE' | 'FAILED';
  readonly now: () => number;
}): FakeGeminiFiles {
  const files = new Map<string, FakeFile>();
  const uploads = new Map<string, { name: string; mimeType: string; size: number; bytes: Buffer }>();
  const asked: string[] = [];
  let outcomes: ('kept' | 'cut' | number)[] = [];

  const shown = ({ name, mimeType, bytes, state, expirationTime }: FakeFile) => ({
    name,
    mimeType,
    sizeBytes: String(bytes.byteLength),
    uri: `${url()}/v1beta/${name}`,
    state,
    expirationTime,
    ...(state === 'FAILED' && { error: { code: 3, message: 'The file could not be processed.' } }),
  });

  return {
    files,
    asked,
    pieces: (...next) => {
      outcomes = [...next];
    },
    answer(response, { method, path, headers, body }) {
      const json = (status: number, document: unknown, more: Record<string, string> = {}) =>
        response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(document));
      const command = headers['x-goog-upload-command'];
      if (path === '/upload/v1beta/files' && command === 'start') {
        asked.push(`${method} ${path}`);
        const { file } = JSON.parse(body.toString()) as { file: { name?: string } };
        const name = file.name ?? `files/other-${files.size}`;
        if (files.has(name)) {
          json(409, { error: { code: 409, message: `${name} already exists.`, status: 'ALREADY_EXISTS' } });
          return true;
        }
        const id = String(uploads.size);
        const mimeType = String(headers['x-goog-upload-header-content-type']);
        const size = Number(headers['x-goog-upload-header-content-length']);
        uploads.set(id, { name, mimeType, size, bytes: Buffer.alloc(0) });
        json(200, {}, { 'x-goog-upload-url': `${url()}/pieces?upload_id=${id}`, 'x-goog-upload-status': 'active' });
        return true;
      }
      const upload = uploads.get(/^\/pieces\?upload_id=(\d+)$/.exec(path)?.[1] ?? '');
      if (upload !== undefined) {
        const received = String(upload.bytes.byteLength);
        if (command === 'query') {
          asked.push('query');
          json(200, {}, { 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': received });
          return true;
        }
        const offset = String(headers['x-goog-upload-offset']);
        asked.push(`${offset}+${body.byteLength} ${String(command)}`);
        const outcome = outcomes.shift() ?? 'kept';
        if (typeof outcome === 'number') json(outcome, { error: { code: outcome, message: 'Not now.' } });
        else if (offset !== received) json(400, { error: { code: 400, message: `${received} bytes are here.` } });
        else if (outcome === 'cut') {
          upload.bytes = Buffer.concat([upload.bytes, body.subarray(0, Math.floor(body.byteLength / 2))]);
          response.destroy();
        } else {
          upload.bytes = Buffer.concat([upload.bytes, body]);
          if (upload.bytes.byteLength < upload.size) json(200, {}, { 'x-goog-upload-status': 'active' });
          else {
            const made: FakeFile = {
              ...{ name: upload.name, mimeType: upload.mimeType, bytes: upload.bytes, looksLeft: looks },
              ...{ state: looks > 0 ? 'PROCESSING' : end, expirationTime: new Date(now() + twoDaysMs).toISOString() },
            };
            files.set(made.name, made);
            json(200, { file: shown(made) }, { 'x-goog-upload-status': 'final' });
          }
        }
        return true;
      }
      const name = /^\/v1beta\/(files\/[a-z0-9-]+)$/.exec(path)?.[1];
      if (name === undefined) return false;
      asked.push(`${method} ${name.replace(/[0-9a-f]{32}$/, '*')}`);
      const file = files.get(name);
      if (file === undefined) {
        const message = `You do not have permission to access the File ${name} or it may not exist.`;
        json(403, { error: { code: 403, message, status: 'PERMISSION_DENIED' } });
        return true;
      }
      if (method === 'DELETE') {
        files.delete(name);
        json(200, {});
        return true;
      }
      if (file.state === 'PROCESSING') {
        file.looksLeft -= 1;
        if (file.looksLeft < 0) file.state = end;
      }
      json(200, shown(file));
      return true;
    },
  };
}
