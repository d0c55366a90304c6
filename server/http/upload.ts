import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import { watchIdleBody } from './idle-body.ts';

/** One file and next to nothing else; more parts than this are no upload form. */
const formLimits = { files: 2, fields: 10, parts: 12, fieldSize: 1_024, headerPairs: 20 } as const;

/** How long a body says that it is, in bytes; undefined where it does not say. */
export function contentLengthOf(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/**
 * Streams the field `file` of a multipart form into `take` and returns what
 * that gives. Nothing is kept in memory. Where the file was taken and the rest
 * of the form is refused or breaks, `discard` gets what it gave, before this
 * throws. Throws CONTENT_TYPE_UNSUPPORTED, UPLOAD_INVALID, REQUEST_TIMEOUT and what `take` throws.
 */
export function readUpload<Result>(
  request: IncomingMessage,
  take: (file: Readable, name: string) => Promise<Result>,
  discard: (taken: Result) => Promise<void>,
): Promise<Result> {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    throw new TerminalError(
      'CONTENT_TYPE_UNSUPPORTED',
      'Send the file as multipart/form-data, in a field called "file".',
    );
  }
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      // Names come as UTF-8 from every browser, whatever the old default says.
      parser = busboy({ headers: request.headers, defParamCharset: 'utf8', limits: formLimits });
    } catch {
      reject(invalid('The form has no boundary.'));
      return;
    }
    let result: Promise<Result> | undefined;
    let problem: TerminalError | undefined;

    let isOver = false;
    const fail = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      stopWatching();
      request.unpipe(parser);
      parser.destroy();
      // A stream that broke because the form broke says nothing of its own.
      const reason = error instanceof AppError ? error : (problem ?? error);
      const left = result === undefined ? Promise.resolve() : result.then(discard, () => {});
      left.finally(() => reject(reason)).catch(() => {});
    };
    const refuse = (message: string) => {
      problem ??= invalid(message);
      fail(problem);
    };

    parser.on('file', (field, stream, { filename }) => {
      // A part breaks together with its form; without a listener that would end the process.
      stream.on('error', () => {});
      if (field !== 'file' || result !== undefined) {
        stream.resume();
        refuse('Send exactly one file, in a field called "file".');
        return;
      }
      result = take(stream, filename ?? '');
      result.catch(fail);
    });
    parser.on('error', () => {
      problem ??= invalid('The form is damaged or ended too early.');
      // The file's own stream breaks with it, and its reader tells us when it has cleaned up.
      if (result === undefined) fail(problem);
      else result.then(() => fail(problem), fail);
    });
    parser.on('close', () => {
      stopWatching();
      if (problem !== undefined) return;
      if (result === undefined) refuse('The form has no file. Send it in a field called "file".');
      else result.then(resolve, fail);
    });
    request.once('close', () => {
      if (!request.complete) parser.destroy(new Error('the client went away'));
    });
    const stopWatching = watchIdleBody(request, (error) => {
      problem ??= error;
      fail(error);
    });
    request.pipe(parser);
  });
}

function invalid(message: string): TerminalError {
  return new TerminalError('UPLOAD_INVALID', message);
}
