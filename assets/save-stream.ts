import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform, Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';

interface SaveOptions {
  /** Must not exist. */
  readonly file: string;
  readonly maxBytes: number;
  /** Waited for before so many bytes in all are kept; what it throws ends the copy. */
  readonly need?: (bytes: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Writes a stream to a new file and gives the SHA-256 of what went through, in
 * hex. The file is gone when this throws: FILE_TOO_LARGE, STORAGE_FULL, the
 * signal's reason, or the stream's own error.
 */
export async function saveStream(source: Readable, options: SaveOptions): Promise<string> {
  const { file, maxBytes, need = async () => {}, signal } = options;
  const { meter, digest } = createMeter(maxBytes, need);
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(source, meter, target, { signal });
    return digest();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== 'EEXIST') await rm(file, { force: true });
    signal.throwIfAborted();
    if (code === 'ENOSPC')
      throw new RetryableError('STORAGE_FULL', 'The disk for working files is full. Ask the operator to make room.');
    throw error;
  }
}

/** The SHA-256 of a stream of which nothing is kept, in hex. Throws FILE_TOO_LARGE, the signal's reason, or the stream's own error. */
export async function hashStream(
  source: Readable,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<string> {
  const { meter, digest } = createMeter(maxBytes, async () => {});
  try {
    await pipeline(source, meter.resume(), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return digest();
}

/** Passes bytes on, counts and hashes them. */
function createMeter(
  maxBytes: number,
  need: (bytes: number) => Promise<void>,
): { readonly meter: Transform; digest(): string } {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        done(
          new TerminalError('FILE_TOO_LARGE', `The file has more than ${maxBytes} bytes. Make it smaller.`, {
            details: { maxBytes },
          }),
        );
        return;
      }
      hash.update(chunk);
      need(bytes).then(() => done(null, chunk), done);
    },
  });
  return { meter, digest: () => hash.digest('hex') };
}

/** The SHA-256 of a file, in hex. Throws the signal's reason on an abort. */
export async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), sinkOf(hash), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return hash.digest('hex');
}

/** A hash as the end of a pipeline; used as a stream itself it would wait for a reader. */
function sinkOf(hash: Hash): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
}
