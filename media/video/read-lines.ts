/** A line that is longer is cut: what ffmpeg says about one packet or frame is far shorter. */
const maxLineLength = 4_096;

interface LineReader {
  /** Takes the next piece, which may begin and end in the middle of a line. */
  add(piece: string): void;
  /** Gives out what stands after the last end of line. */
  end(): void;
}

/** Cuts a text that comes in pieces into lines. Keeps one unfinished line at most. */
export function createLineReader(onLine: (line: string) => void): LineReader {
  let rest = '';
  return {
    add(piece) {
      const lines = piece.split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = (lines.pop() ?? '').slice(0, maxLineLength);
      for (const line of lines) onLine(line.slice(0, maxLineLength));
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
