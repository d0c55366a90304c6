import { stat } from 'node:fs/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import type { MediaSubject } from './subjects.ts';

/** What ffmpeg makes of some files. */
export interface WriteRequest {
  readonly inputs: readonly WriteInput[];
  /** A graph of filters; what it gives out is mapped by `options`. Default: none. */
  readonly filters?: string;
  /** What is taken, how it is encoded, and the format. */
  readonly options: readonly string[];
  readonly output: string;
  /** A larger output is an error, and is not written to its end. */
  readonly maxBytes: number;
  /** Seconds of the output, for the progress; null where that is not known. */
  readonly length: number | null;
  /** Small files that filters read by their bare names; they lie beside the output while ffmpeg runs. Default: none. */
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  /** Nothing is written: filters say what they have measured. Default false. */
  readonly isMeasured?: boolean;
  /** Hears each line of what filters say, where something is measured. Default: nobody does. */
  readonly onLine?: (line: string) => void;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** One file that ffmpeg reads. */
export interface WriteInput {
  /** By its absolute path. */
  readonly file: string;
  readonly subject: MediaSubject;
  /** How it is read: `-ss`, `-noautorotate`. Default: nothing. */
  readonly options?: readonly string[];
}

/** Beyond the limit, so that what is too large is told from what just fits. */
const overrun = 1_048_576;

/**
 * What holds for every output: no names or times of this machine and this moment in it, so that the same work gives
 * the same bytes; a fixed number of threads, as H.264 differs by it; an end where it becomes too large.
 */
export function outputGuards({ maxBytes, isMeasured = false }: WriteRequest, threads: number): string[] {
  const exact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'];
  return [
    ...exact,
    ...['-threads', String(threads), '-map_metadata', '-1'],
    ...(isMeasured ? [] : ['-fs', String(maxBytes + overrun)]),
  ];
}

/** Reads what `-progress` prints, line by line. The share that is told only ever grows. */
export function createProgressReader({ length, onProgress }: Pick<WriteRequest, 'length' | 'onProgress'>) {
  let told = 0;
  let seconds = 0;
  return {
    add(line: string): void {
      // Microseconds, whatever its name says; ffmpeg has kept that for its readers.
      const micros = /^out_time_ms=(\d+)/.exec(line)?.[1];
      if (micros === undefined) return;
      seconds = Number(micros) / 1e6;
      const share = length === null || length <= 0 ? 0 : Math.min(1, seconds / length);
      if (share <= told) return;
      told = share;
      onProgress?.(share);
    },
    /** How much of the output there is. */
    get seconds() {
      return seconds;
    },
  };
}

/** Throws FILE_TOO_LARGE where the output was cut off at its limit. */
export async function checkWritten({ output, maxBytes }: WriteRequest): Promise<void> {
  const { size } = await stat(output);
  if (size <= maxBytes) return;
  throw new TerminalError(
    'FILE_TOO_LARGE',
    `What was made takes more than ${maxBytes} bytes, which is the limit. Make it shorter or smaller.`,
    { details: { maxBytes } },
  );
}

/** Null where ffmpeg has all that it was asked for. */
export function missingPart(stderr: string): TerminalError | null {
  const filter = /No such filter: '?([\w-]+)/.exec(stderr)?.[1];
  const encoder = /Unknown encoder '?([\w-]+)/.exec(stderr)?.[1];
  const part = filter === undefined ? encoder : filter;
  if (part === undefined) return null;
  const kind = filter === undefined ? 'encoder' : 'filter';
  return new TerminalError(
    'MEDIA_TOOL_MISSING',
    `This needs the ${kind} "${part}", which the ffmpeg of this server does not have. Install a current ffmpeg, or set FFMPEG_PATH to one.`,
    { details: { program: 'ffmpeg', [kind]: part } },
  );
}
