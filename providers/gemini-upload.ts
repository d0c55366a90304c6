import { open } from 'node:fs/promises';
import { AppError, TerminalError } from '../core/errors/app-error.ts';
import { networkError } from './errors.ts';
import { post, title } from './gemini-connection.ts';
import { findFile, readFileEntry, refused, type FileEntry, type Storing } from './gemini-file-entries.ts';
import { networkReason } from './http-body.ts';
import { readJsonAnswer } from './media-results.ts';

/*
 * The resumable upload of the service: it is told what will come, names an address for it, and takes it in pieces. What
 * breaks off goes on where the service says that it is.
 */

/** Bytes of one piece, which is in memory; the service takes multiples of 256 KB. */
const pieceBytes = 8 * 1024 * 1024;
/** Tries of one piece. */
const mostTries = 4;
/** Before the second try; each further one waits for as much more. */
const pauseMs = 1_000;

interface Upload {
  /** `files/<id>`. */
  readonly name: string;
  readonly file: string;
  readonly mimeType: string;
  readonly size: number;
}

/** Uploads a file under its name; where somebody else does that at the moment, theirs is taken. */
export async function uploadFile(storing: Storing, upload: Upload): Promise<FileEntry> {
  const { service, call } = storing;
  const place = await begin(storing, upload, upload.name);
  if (place !== 'taken') return sendAll(storing, upload, place);
  for (let look = 1; look < mostTries; look += 1) {
    const found = await findFile(storing, upload.name);
    if (found !== null) return found;
    await service.wait(look * pauseMs, call.signal);
  }
  // Its name is in use, and nobody may see it: the service finds another one.
  const other = await begin(storing, upload, null);
  if (other === 'taken') throw networkError(storing.subject, { kind: 'unreadable' });
  return sendAll(storing, upload, other);
}

/** The address that takes the pieces. */
async function begin(storing: Storing, upload: Upload, name: string | null): Promise<string> {
  const { service, subject, call } = storing;
  const response = await post(service, '/upload/v1beta/files', {
    body: { file: { ...(name !== null && { name }), displayName: 'Heddle' } },
    headers: {
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-length': String(upload.size),
      'x-goog-upload-header-content-type': upload.mimeType,
    },
    idempotencyKey: name ?? upload.name,
    subject,
    signal: call.signal,
  });
  if (response.status === 409) {
    await response.body?.cancel();
    return 'taken';
  }
  if (response.status === 404 || response.status === 405 || response.status === 501) {
    await response.body?.cancel();
    throw noFilesError(storing);
  }
  if (!response.ok) throw await refused(storing, response);
  const place = response.headers.get('x-goog-upload-url') ?? '';
  await response.body?.cancel();
  const isPlace =
    URL.canParse(place) &&
    (new URL(place).protocol === 'https:' || new URL(place).origin === new URL(service.baseUrl).origin);
  if (!isPlace) throw noFilesError(storing);
  return place;
}

async function sendAll(storing: Storing, upload: Upload, place: string): Promise<FileEntry> {
  const { service, subject, call } = storing;
  const handle = await open(upload.file);
  try {
    let tries = 0;
    for (let offset = 0; ;) {
      const piece = new Uint8Array(Math.min(pieceBytes, upload.size - offset));
      await handle.read(piece, 0, piece.byteLength, offset);
      const isLast = offset + piece.byteLength === upload.size;
      const sent = await send(storing, place, { offset, command: isLast ? 'upload, finalize' : 'upload', piece });
      const { answer } = sent;
      if (answer?.ok === true) {
        if (isLast) return await readMade(storing, upload, answer);
        await answer.body?.cancel();
        offset += piece.byteLength;
        tries = 0;
        call.signOfLife();
        continue;
      }
      tries += 1;
      const isPassing = answer === null || answer.status >= 500 || [408, 429].includes(answer.status);
      if (!isPassing || tries >= mostTries) throw answer === null ? sent.error : await refused(storing, answer);
      await answer?.body?.cancel();
      await service.wait(tries * pauseMs, call.signal);
      const received = await ask(storing, place);
      if (received === 'whole') return (await findFile(storing, upload.name)) ?? lost();
      offset = received ?? offset;
    }
  } finally {
    await handle.close();
  }

  function lost(): never {
    throw networkError(subject, { kind: 'broken' });
  }
}

async function readMade(storing: Storing, upload: Upload, response: Response): Promise<FileEntry> {
  const document = await readJsonAnswer(response, storing.subject);
  const file = typeof document === 'object' && document !== null && 'file' in document ? document.file : null;
  const made = readFileEntry(file) ?? (await findFile(storing, upload.name));
  if (made === null) throw networkError(storing.subject, { kind: 'unreadable' });
  return made;
}

type Sent = { readonly answer: Response; readonly error: null } | { readonly answer: null; readonly error: Error };

/** The answer, or the error where none came. The key stays here: the address is as good as one. */
async function send(
  { service, subject, call }: Storing,
  place: string,
  {
    offset,
    command,
    piece,
  }: { readonly offset: number; readonly command: string; readonly piece: Uint8Array<ArrayBuffer> | null },
): Promise<Sent> {
  try {
    const answer = await service.fetch(place, {
      method: 'POST',
      headers: { 'x-goog-upload-command': command, ...(piece !== null && { 'x-goog-upload-offset': String(offset) }) },
      ...(piece !== null && { body: piece }),
      redirect: 'manual',
      signal: call.signal,
    });
    return { answer, error: null };
  } catch (error) {
    if (error instanceof AppError || call.signal.aborted) throw error;
    return { answer: null, error: networkError(subject, { kind: 'broken', reason: networkReason(error) }) };
  }
}

/** How many bytes have come; null where nobody says. */
async function ask(storing: Storing, place: string): Promise<number | 'whole' | null> {
  const { answer } = await send(storing, place, { offset: 0, command: 'query', piece: null });
  await answer?.body?.cancel();
  if (answer?.ok !== true) return null;
  if (answer.headers.get('x-goog-upload-status') === 'final') return 'whole';
  const received = Number(answer.headers.get('x-goog-upload-size-received') ?? Number.NaN);
  return Number.isSafeInteger(received) && received >= 0 ? received : null;
}

function noFilesError({ subject }: Storing): TerminalError {
  return new TerminalError(
    'PROVIDER_BAD_REQUEST',
    `The files are too large for one request to ${title}, and the configured address takes no uploads. Convert, trim or resize them first, or check ${subject.addressVariable}.`,
    { details: { model: subject.model } },
  );
}
