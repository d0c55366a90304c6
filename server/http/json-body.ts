import type { IncomingMessage } from 'node:http';
import { TerminalError } from '../../core/errors/app-error.ts';
import { httpLimits, type JsonLimits } from '../limits/limits.ts';
import { bodyPlaceOf } from './body-room.ts';
import { createJsonGuard, type JsonGuard } from './json-guard.ts';

/**
 * Reads and parses a JSON body within `limits`. An empty body gives undefined.
 * Throws CONTENT_TYPE_UNSUPPORTED, BODY_TOO_LARGE, REQUEST_TIMEOUT, BAD_JSON
 * and what guardJson throws.
 */
export async function readJsonBody(request: IncomingMessage, limits: JsonLimits): Promise<unknown> {
  const length = request.headers['content-length'];
  const isEmpty = request.headers['transfer-encoding'] === undefined && (length === undefined || length === '0');
  if (isEmpty) return undefined;
  checkContentType(request);
  if (Number(length ?? 0) > limits.maxBytes) throw tooLarge(limits);
  // Looked through while it comes in: what is refused is refused early, and no step of it is long.
  const bytes = await readBytes(request, limits, createJsonGuard(limits));
  if (bytes.length === 0) return undefined;
  return parseGuarded(bytes);
}

/** Parses bytes that came from a stranger. Exported for its tests. */
export function parseJson(bytes: Buffer, limits: JsonLimits): unknown {
  createJsonGuard(limits).push(bytes);
  return parseGuarded(bytes);
}

function parseGuarded(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TerminalError('BAD_JSON', 'The body is not valid UTF-8. Send JSON in UTF-8.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new TerminalError('BAD_JSON', 'The body is not valid JSON. Send one JSON object.');
  }
}

function checkContentType(request: IncomingMessage): void {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  if (type.trim() !== 'application/json' || (charset !== undefined && !/^charset="?utf-8"?$/.test(charset))) {
    throw new TerminalError(
      'CONTENT_TYPE_UNSUPPORTED',
      'The body must be JSON in UTF-8: send the header "Content-Type: application/json".',
    );
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new TerminalError('CONTENT_TYPE_UNSUPPORTED', 'Compressed bodies are not taken: send the JSON as it is.');
  }
}

/** The body as it came. Throws BODY_TOO_LARGE, REQUEST_TIMEOUT, BAD_JSON where it ends too early, RATE_LIMITED where there is no room for it, and what the guard throws. */
export function readBytes(
  request: IncomingMessage,
  limits: Pick<JsonLimits, 'maxBytes'>,
  guard?: JsonGuard,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const place = bodyPlaceOf(request);
    let size = 0;
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      try {
        if (size > limits.maxBytes) throw tooLarge(limits);
        place?.take(chunk.length);
        guard?.push(chunk);
        chunks.push(chunk);
      } catch (error) {
        // The rest flows into nothing until the answer closes the connection.
        settle(() => (request.resume(), reject(error as Error)));
      }
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks, size)));
    const onCut = () =>
      settle(() =>
        reject(new TerminalError('BAD_JSON', 'The connection closed before the body ended. Send the request again.')),
      );
    const onTimeout = () =>
      settle(() =>
        reject(
          new TerminalError(
            'REQUEST_TIMEOUT',
            `The body did not arrive within ${httpLimits.bodyTimeoutMs / 1_000} seconds. Check the connection and send it again.`,
          ),
        ),
      );
    const timer = setTimeout(onTimeout, httpLimits.bodyTimeoutMs);
    request.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

function tooLarge(limits: Pick<JsonLimits, 'maxBytes'>): TerminalError {
  return new TerminalError(
    'BODY_TOO_LARGE',
    `The body is larger than ${limits.maxBytes} bytes. Upload large content as an asset and name that.`,
    {
      details: { maxBytes: limits.maxBytes },
    },
  );
}
