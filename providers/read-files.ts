import { readFile, stat } from 'node:fs/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelRequest } from '../core/node-type/executor.ts';
import type { InlineFile, LargeFile } from './provider.ts';

/** Beyond it a text is no part of a prompt: some hundred thousand tokens. */
const maxTextBytes = 1024 * 1024;

/**
 * Reads audio, video and document files as they go over the wire; texts stay texts, and what does not fit into `maxBytes`
 * with those before it stays where it is, up to `maxStoredBytes` each. Throws PROVIDER_BAD_REQUEST where there is no room.
 */
export async function readFiles(
  files: NonNullable<ModelRequest['files']>,
  {
    maxBytes,
    maxStoredBytes,
    title,
    signal,
  }: {
    readonly maxBytes: number;
    readonly maxStoredBytes: number;
    readonly title: string;
    readonly signal: AbortSignal;
  },
): Promise<(InlineFile | LargeFile)[]> {
  let total = 0;
  const read: (InlineFile | LargeFile)[] = [];
  for (const { file, mimeType } of files) {
    signal.throwIfAborted();
    const { size } = await stat(file);
    const isText = /^text\/|^application\/(?:json|x-subrip)$/.test(mimeType);
    const fits = total + size <= maxBytes && !(isText && size > maxTextBytes);
    if (!fits && (isText || size > maxStoredBytes)) {
      throw tooLarge(title, isText ? maxTextBytes : Math.max(maxBytes, maxStoredBytes));
    }
    if (!fits) {
      read.push({ mimeType, path: file });
      continue;
    }
    total += size;
    read.push(
      isText ? { mimeType, text: await readFile(file, 'utf8') } : { mimeType, base64: await readFile(file, 'base64') },
    );
  }
  return read;
}

function tooLarge(title: string, maxBytes: number): TerminalError {
  return new TerminalError(
    'PROVIDER_BAD_REQUEST',
    `The files are larger than the ${Math.floor(maxBytes / 1_048_576)} MB that go to ${title} in one request. ` +
      'Connect fewer or smaller ones: convert, trim or resize them first.',
    { details: { maxBytes } },
  );
}
