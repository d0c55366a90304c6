import type { Scrubber } from '../core/scrub.ts';

/** Where a log writes its lines. */
export interface LineOutput {
  write(line: string): void;
}

/** Takes secrets out of every line before it is written. */
export function scrubbedOutput(output: LineOutput, scrubber: Scrubber): LineOutput {
  return { write: (line) => output.write(scrubber.text(line)) };
}
