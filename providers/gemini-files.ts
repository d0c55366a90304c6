import { createHash, createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelFile } from '../core/node-type/media-models.ts';
import { wordsOf } from './errors.ts';
import { title, type Service } from './gemini-connection.ts';
import { findFile, forgetFile, type FileEntry, type Storing } from './gemini-file-entries.ts';
import { uploadFile } from './gemini-upload.ts';
import { redactExplanation } from './redact.ts';

/*
 * Files that are too large for a request lie at the service first, which keeps them for two days. Their name there is made
 * of their content and the key, so whoever needs the same file again, on whatever worker, finds it instead of uploading it.
 */

/** Bytes of one file that the service keeps. */
export const maxStoredBytes = 2 * 1024 ** 3;

/** Between two looks at a file that is not ready. */
const lookMs = 2_000;
/** What goes sooner is uploaded anew, so that it is there until a model has read it. */
const leastLeftMs = 3_600_000;

/** A file at the service, as a request names it. */
export interface StoredFile {
  readonly mimeType: string;
  readonly uri: string;
}

/**
 * Has a file at the service, ready to be named in a request. Throws PROVIDER_BAD_REQUEST where the service cannot read it
 * or keeps no files, and PROVIDER_* as every call does.
 */
export async function storedFile(storing: Storing, file: ModelFile): Promise<StoredFile> {
  const { service, call } = storing;
  const name = `files/${await idOf(service, file)}`;
  const { underWay } = service.memory;
  const key = `${service.baseUrl} ${name}`;
  // Variants ask at the same time: one uploads, the others find it.
  for (let other = underWay.get(key); other !== undefined; other = underWay.get(key)) {
    await Promise.race([other.catch(() => {}), aborted(call.signal)]);
    call.signal.throwIfAborted();
  }
  const work = store(storing, name, file);
  underWay.set(key, work);
  try {
    return await work;
  } finally {
    underWay.delete(key);
  }
}

/** Of the content, its kind and the key: each key has files of its own. */
async function idOf({ apiKey }: Service, { file, mimeType }: ModelFile): Promise<string> {
  const content = createHash('sha256');
  for await (const chunk of createReadStream(file)) content.update(chunk as Buffer);
  const id = createHmac('sha256', apiKey)
    .update(`${mimeType} ${content.digest('hex')}`)
    .digest('hex');
  // Forty characters at most.
  return `heddle-${id.slice(0, 32)}`;
}

async function store(storing: Storing, name: string, file: ModelFile): Promise<StoredFile> {
  const { mimeType } = file;
  const known = await findFile(storing, name);
  if (known !== null) {
    if (known.state !== 'FAILED' && isLasting(known, storing.service.now()))
      return { mimeType, uri: await uriOnceReady(storing, known) };
    await forgetFile(storing, name);
  }
  const { size } = await stat(file.file);
  const found = await uploadFile(storing, { name, file: file.file, mimeType, size });
  return { mimeType, uri: await uriOnceReady(storing, found) };
}

function isLasting({ expirationTime }: FileEntry, now: number): boolean {
  const until = Date.parse(expirationTime ?? '');
  return Number.isNaN(until) || until - now > leastLeftMs;
}

/** Waits until the service has read it: a minute of video takes some seconds. */
async function uriOnceReady(storing: Storing, found: FileEntry): Promise<string> {
  const { service, call, subject } = storing;
  for (let file: FileEntry | null = found; file !== null;) {
    if (file.state === 'FAILED') {
      await forgetFile(storing, file.name);
      throw unreadable(storing, file);
    }
    // Proxies leave the state out.
    if (file.uri && (file.state === 'ACTIVE' || !file.state)) return file.uri;
    await service.wait(lookMs, call.signal);
    call.signOfLife();
    file = await findFile(storing, file.name);
  }
  throw new TerminalError(
    'PROVIDER_BAD_REQUEST',
    `${title} no longer has the file that was uploaded for this request. Run the node again.`,
    { details: { model: subject.model } },
  );
}

function unreadable({ service, subject }: Storing, { error }: FileEntry): TerminalError {
  const says = redactExplanation(error?.message ?? '', { secrets: [service.apiKey], contents: [], choices: [] });
  return new TerminalError(
    'PROVIDER_BAD_REQUEST',
    `${says === null ? '' : wordsOf(title, says)}${title} could not read the file that was uploaded for this request. Convert it to a common format, such as MP4, MP3 or PDF.`,
    { details: { model: subject.model } },
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
