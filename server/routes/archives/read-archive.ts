import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import type { z } from 'zod';
import { archivedWorkflow, archiveManifest, maxArchiveEntries } from '../../../core/api/workflow-archive.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { FindingsError } from '../../../core/errors/findings-error.ts';
import { parseJson } from '../../http/json-body.ts';
import { jsonLimits, type JsonLimits } from '../../limits/limits.ts';

/** An archive that is read from a file of this machine. Its names are looked up and never a path. */
export interface Archive {
  has(name: string): boolean;
  /** The bytes that an entry says it has once it is unpacked. */
  bytesOf(name: string): number;
  /** The bytes of an entry; whatever is wrong with them breaks the stream with UPLOAD_INVALID. */
  stream(name: string): Promise<Readable>;
  /** What an entry of JSON holds, looked through as bodies of requests are. Throws UPLOAD_INVALID and as those do. */
  json<Schema extends z.ZodType>(name: string, schema: Schema, limits?: JsonLimits): Promise<z.output<Schema>>;
  close(): void;
}

/** A graph as it is written for people; a list of as many files as an archive may have. */
export const maxTextBytes = 8 * 1_048_576;
/** What may stand beside the name of an entry: a few stamps of time. */
const maxExtraBytes = 1_024;
/** Entries that an archive of ours has; others, which systems add to what they pack, are passed over. */
const ours = /^(?:versions\/[1-9]\d{0,9}\.json|media\/[0-9a-f]{64}\.[a-z0-9]{1,8})$/;

/** Whether a file begins as a zip archive does. */
export async function isArchive(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\u0003\u0004';
  } finally {
    await file.close();
  }
}

/** Opens an archive to be read in any order. Throws UPLOAD_INVALID. */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((cause: unknown) => {
    throw new TerminalError('UPLOAD_INVALID', `The archive is damaged: ${wordsOf(cause)}. Use a fresh export.`, {
      cause,
    });
  });
  try {
    return archiveOf(zip, await entriesOf(zip));
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function entriesOf(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > maxArchiveEntries) {
    throw new TerminalError(
      'UPLOAD_INVALID',
      `The archive has ${zip.entryCount} entries; at most ${maxArchiveEntries} are taken. Choose one that Heddle exported.`,
    );
  }
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry;
      if (fileName !== archivedWorkflow && fileName !== archiveManifest && !ours.test(fileName)) continue;
      if (entries.has(fileName)) throw refused(fileName, 'is in the archive twice');
      if (entry.extraFieldLength + entry.fileCommentLength > maxExtraBytes)
        throw refused(fileName, 'has more beside its name than an export has');
      if (!entry.canDecodeFileData()) throw refused(fileName, 'is encrypted, or packed in a way that is not read here');
      entries.set(fileName, entry);
    }
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    throw new TerminalError('UPLOAD_INVALID', `The archive is damaged: ${wordsOf(error)}. Use a fresh export.`, {
      cause: error,
    });
  }
  return entries;
}

function archiveOf(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Archive {
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry === undefined) throw refused(name, 'is missing in the archive');
    return entry;
  };

  async function* bytes(name: string, entry: Entry): AsyncGenerator<Buffer> {
    let checksum = 0;
    try {
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        checksum = crc32(chunk as Buffer, checksum);
        yield chunk as Buffer;
      }
    } catch (cause) {
      throw refused(name, `is damaged: ${wordsOf(cause)}`);
    }
    if (checksum !== entry.crc32) throw refused(name, 'is damaged: its checksum is wrong');
  }

  async function bytesIn(name: string): Promise<Buffer> {
    const entry = find(name);
    if (entry.uncompressedSize > maxTextBytes) throw refused(name, `has more than ${maxTextBytes} bytes`);
    const chunks: Buffer[] = [];
    // No more comes than the entry says.
    for await (const chunk of bytes(name, entry)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  return {
    has: (name) => entries.has(name),
    bytesOf: (name) => find(name).uncompressedSize,
    stream: async (name) => Readable.from(bytes(name, find(name)), { objectMode: false }),
    async json(name, schema, limits = jsonLimits) {
      return parsedEntry(name, parseEntry(name, await bytesIn(name), limits), schema);
    },
    close: () => zip.close(),
  };
}

/** What an entry holds as it has to be. Throws UPLOAD_INVALID with where it is not. */
export function parsedEntry<Schema extends z.ZodType>(name: string, value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  throw refused(name, `cannot be read${where}: ${(issue?.message ?? 'it is something else').replace(/\.$/, '')}`);
}

/** JSON of a stranger. Throws as `parseJson`, with the name of the entry before it. */
export function parseEntry(name: string, bytes: Buffer, limits: JsonLimits): unknown {
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    throw within(name, error);
  }
}

/** The same failure with the entry that it is about before its words; what was not raised on purpose stays as it is. */
export function within(name: string, error: unknown): unknown {
  if (error instanceof FindingsError) return new FindingsError(error.code, `${name}: ${error.message}`, error.findings);
  if (!(error instanceof TerminalError) || error.details['entry'] !== undefined) return error;
  return new TerminalError(error.code, `${name}: ${error.message}`, { details: { ...error.details, entry: name } });
}

/** UPLOAD_INVALID for an entry. */
export function refused(name: string, what: string): TerminalError {
  return new TerminalError('UPLOAD_INVALID', `${name} ${what}. Use a fresh export.`, {
    details: { entry: name },
  });
}

function wordsOf(cause: unknown): string {
  const words = cause instanceof Error ? cause.message : String(cause);
  return words.replaceAll(/[\p{Cc}\p{Cs}]/gu, ' ').slice(0, 200);
}
