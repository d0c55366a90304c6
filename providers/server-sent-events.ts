/** Thrown where a stream is longer than may be kept in memory. */
export class EventStreamError extends Error {}

/**
 * Reads an event stream (`text/event-stream`) and gives the data of each event.
 * Comments and other fields are skipped; line ends may be LF, CRLF or CR, and
 * bytes may be split anywhere. The last event counts even without the empty
 * line after it. Throws EventStreamError once more than `maxBytes` came in all;
 * what the stream itself throws passes through.
 */
export async function* readServerSentEvents(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  /** Pieces of a line whose end has not come yet. */
  let pending: string[] = [];
  let data: string[] = [];

  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new EventStreamError('The event stream is too long.');
    const piece = decoder.decode(chunk, { stream: true });
    const end = endOfLastLine(piece);
    if (end === 0) {
      pending.push(piece);
      continue;
    }
    const lines = (pending.join('') + piece.slice(0, end)).split(lineEnd).slice(0, -1);
    pending = [piece.slice(end)];
    for (const line of lines) {
      if (line !== '') {
        data.push(...dataOf(line));
      } else if (data.length > 0) {
        yield data.join('\n');
        data = [];
      }
    }
  }
  data.push(...pending.join('').split(lineEnd).flatMap(dataOf));
  if (data.length > 0) yield data.join('\n');
}

const lineEnd = /\r\n|\n|\r/;

/** Where the unfinished line begins. A CR at the very end may be half of a CRLF, so it ends no line yet. */
function endOfLastLine(piece: string): number {
  const carriageReturn = piece.length < 2 ? -1 : piece.lastIndexOf('\r', piece.length - 2);
  return Math.max(piece.lastIndexOf('\n'), carriageReturn) + 1;
}

/** The data of one line, as a list of none or one. */
function dataOf(line: string): string[] {
  if (!line.startsWith('data:')) return [];
  return [line.slice(line[5] === ' ' ? 6 : 5)];
}
