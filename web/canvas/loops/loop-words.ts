import type { NodeExecution } from '../../../core/api/runs.ts';
import type { LoopEnd } from '../../../core/run/region.ts';

/** How far a loop has come. */
export interface LoopProgress {
  readonly words: string;
  /** Of its laps, from 0 to 1; null while it does not run. */
  readonly share: number | null;
}

const reasons: Readonly<Record<LoopEnd, string>> = {
  condition: 'the condition holds',
  maximum: 'the limit is reached',
  noValue: 'no value reached its end',
};

/**
 * What a frame says of its loop: how often it may be repeated, and in a run how far that has come.
 *
 * @param begin the execution of the node that begins it, in the run that is shown
 * @param ended why it ended, as the node that ends it puts out
 */
export function loopProgress(most: unknown, begin: NodeExecution | undefined, ended: unknown): LoopProgress {
  const limit = typeof most === 'number' ? most : 1;
  const parts = begin?.parts;
  if (begin === undefined || parts === null || parts === undefined) {
    return { words: limit === 1 ? 'Repeats once' : `Repeats at most ${limit} times`, share: null };
  }
  const laps = parts.done + parts.failed;
  if (begin.status === 'FAILED') return { words: `Failed in lap ${laps}`, share: null };
  if (begin.status === 'CANCELLED') return { words: `Canceled after ${lapsOf(laps)}`, share: null };
  if (begin.status !== 'COMPLETED') {
    return { words: `Lap ${Math.min(laps + 1, parts.total)} of at most ${parts.total}`, share: laps / parts.total };
  }
  const why = typeof ended === 'string' && Object.hasOwn(reasons, ended) ? `: ${reasons[ended as LoopEnd]}` : '';
  return { words: `${lapsOf(laps)}${why}`, share: null };
}

function lapsOf(count: number): string {
  return count === 1 ? '1 lap' : `${count} laps`;
}
