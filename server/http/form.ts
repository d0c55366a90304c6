import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { TerminalError } from '../../core/errors/app-error.ts';
import { watchIdleBody } from './idle-body.ts';

/** As much as a JSON body may have in one text; a workflow has few files among its inputs. */
const formLimits = { files: 20, fields: 200, parts: 220, fieldSize: 262_144, headerPairs: 20 } as const;

/** All text of a form together, in characters: as much as a JSON body. */
const maxText = 2 * 1_048_576;

/** Reads the parts of a multipart request, files as streams. */
export interface FormReader {
  /** A part with text. What it throws refuses the form. */
  field(name: string, value: string): void;
  /** A part with a file, which has to be read to its end. What it throws refuses the form. */
  file(name: string, stream: Readable, fileName: string): Promise<void>;
}

/** A request with a form, or what was read of one. */
export type FormRequest = Readable & Pick<IncomingMessage, 'headers' | 'complete'>;

/** Whether a content type is that of a form with parts. */
export function isFormType(contentType: string | undefined): boolean {
  return /^multipart\/form-data\b/i.test(contentType ?? '');
}

/** Whether a request says that it is a form. */
export function isForm(request: Pick<IncomingMessage, 'headers'>): boolean {
  return isFormType(request.headers['content-type']);
}

/**
 * Reads a multipart form, one part after another; files stream. Resolves when all of it was taken. Throws UPLOAD_INVALID, REQUEST_TIMEOUT and
 * what the reader throws, once no part is being read any more.
 */
export function readForm(request: FormRequest, reader: FormReader): Promise<void> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      parser = busboy({ headers: request.headers, defParamCharset: 'utf8', limits: formLimits });
    } catch {
      reject(invalid('The form has no boundary. Send it as multipart/form-data with one.'));
      return;
    }
    const reading: Promise<void>[] = [];
    let text = 0;
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      if (failure !== undefined) return;
      failure = { error };
      stopWatching();
      request.unpipe(parser);
      parser.destroy();
      void Promise.allSettled(reading).then(() => reject(error));
    };
    parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
      if (failure !== undefined) return;
      if (nameTruncated || valueTruncated) {
        fail(
          invalid(
            `The part "${name.slice(0, 100)}" has more than ${formLimits.fieldSize} characters. Send it as a file.`,
          ),
        );
        return;
      }
      text += name.length + value.length;
      if (text > maxText) {
        fail(invalid(`The form has more than ${maxText} characters of text. Send long texts as files.`));
        return;
      }
      try {
        reader.field(name, value);
      } catch (error) {
        fail(error);
      }
    });
    parser.on('file', (name, stream, { filename }) => {
      // A part breaks together with its form; without a listener that would end the process.
      stream.on('error', () => {});
      if (failure !== undefined) {
        stream.resume();
        return;
      }
      const taken = reader.file(name, stream, filename ?? '');
      reading.push(taken);
      taken.catch((error: unknown) => {
        stream.resume();
        fail(error);
      });
    });
    const tooMany = () => fail(invalid(`The form has too many parts. Send at most ${formLimits.files} files.`));
    parser.on('partsLimit', tooMany).on('filesLimit', tooMany).on('fieldsLimit', tooMany);
    parser.on('error', () => fail(invalid('The form is damaged or ended too early. Send it again.')));
    parser.on('close', () => {
      stopWatching();
      if (failure === undefined) Promise.all(reading).then(() => resolve(), fail);
    });
    request.once('close', () => {
      if (!request.complete) parser.destroy(new Error('the client went away'));
    });
    const stopWatching = watchIdleBody(request, fail);
    request.pipe(parser);
  });
}

function invalid(message: string): TerminalError {
  return new TerminalError('UPLOAD_INVALID', message);
}
