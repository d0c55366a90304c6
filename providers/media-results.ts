import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelFile } from '../core/node-type/media-models.ts';
import { networkError, type ErrorSubject } from './errors.ts';
import { networkReason } from './http-body.ts';

/** What a provider made, as it lies in an answer. */
export interface MadeData {
  readonly mimeType: string;
  readonly base64: string;
}

/** Ten large pictures in base64, with room. */
export const maxAnswerBytes = 256 * 1024 * 1024;
/** Hours of speech. */
const maxSoundBytes = 200 * 1024 * 1024;
/** A minute of video in 4K. */
export const maxVideoBytes = 2 * 1024 ** 3;

/** A whole body as JSON. Throws PROVIDER_NETWORK where it breaks off or is none, NODE_OUTPUT_TOO_LARGE where it is too long. */
export async function readJsonAnswer(response: Response, subject: ErrorSubject): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes) throw tooLong(subject);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    throw networkError(subject, { kind: 'broken', reason: networkReason(error) });
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw networkError(subject, { kind: 'unreadable' });
  }
}

/** Writes what was made into files of a folder. */
export async function writeMade(made: readonly MadeData[], folder: string, stem: string): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  for (const [index, { mimeType, base64 }] of made.entries()) {
    const file = path.join(folder, `${stem}-${index + 1}`);
    await writeFile(file, Buffer.from(base64, 'base64'));
    files.push({ file, mimeType });
  }
  return files;
}

/** Streams a body into a file. Throws PROVIDER_NETWORK where it breaks off or is empty, NODE_OUTPUT_TOO_LARGE where it does not end. */
export async function writeBody(
  response: Response,
  file: string,
  subject: ErrorSubject,
  maxBytes = maxSoundBytes,
): Promise<void> {
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLong(subject);
      yield chunk;
    }
  };
  try {
    await pipeline(Readable.from(counted()), createWriteStream(file, { flags: 'wx' }));
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    throw networkError(subject, { kind: 'broken', reason: networkReason(error) });
  }
  if (bytes === 0) throw networkError(subject, { kind: 'unreadable' });
}

function tooLong({ title }: ErrorSubject): TerminalError {
  return new TerminalError(
    'NODE_OUTPUT_TOO_LARGE',
    `${title} sent more than can be kept. Ask for fewer or smaller results.`,
  );
}
