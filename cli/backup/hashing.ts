import { createHash, type Hash } from 'node:crypto';
import { Transform } from 'node:stream';

/** A stream that lets bytes through and looks at them. */
export interface Meter {
  readonly stream: Transform;
  sha256(): string;
  /** How many of the byte that was to be counted went through. */
  counted(): number;
}

/** @param counts a byte to count, such as that of a line's end */
export function createMeter(counts?: number): Meter {
  const hash: Hash = createHash('sha256');
  let counted = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      if (counts !== undefined) for (const byte of chunk) if (byte === counts) counted += 1;
      done(null, chunk);
    },
  });
  return { stream, sha256: () => hash.digest('hex'), counted: () => counted };
}

/** Rows in the text form of COPY end with a line feed and have none within. */
export const lineFeed = 0x0a;
