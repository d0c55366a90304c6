import type { Readable } from 'node:stream';

/** A line of a file, and its bytes in it: from the first one to the one after its last, without the line feed. */
export interface FileLine {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const lineFeed = 0x0a;

/** The lines of a stream of bytes, as they come; the last one may lack its line feed. Empty ones are left out. */
export async function* linesOf(stream: Readable): AsyncGenerator<FileLine> {
  let rest: Buffer[] = [];
  let start = 0;
  let at = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let feed = chunk.indexOf(lineFeed); feed !== -1; feed = chunk.indexOf(lineFeed, from)) {
      const line = lineOf([...rest, chunk.subarray(from, feed)], start);
      if (line !== null) yield line;
      rest = [];
      from = feed + 1;
      start = at + from;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    at += chunk.length;
  }
  const last = lineOf(rest, start);
  if (last !== null) yield last;
}

function lineOf(pieces: readonly Buffer[], start: number): FileLine | null {
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  return bytes.length === 0 ? null : { text: bytes.toString('utf8'), start, end: start + bytes.length };
}
