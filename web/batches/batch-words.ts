import type { Batch } from '../../core/api/batches.ts';
import { countOf, formatCost, formatDuration } from '../ui/format.ts';

/** How far a batch is, in one line: `12 of 40 done, 1 failed, $0.42, about 3 min left`. */
export function progressOf(batch: Batch): string {
  const { status, done, failed, cancelled, total, costUsd, secondsLeft } = batch;
  const parts = [`${done} of ${countOf(total, 'row')} done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (cancelled > 0) parts.push(`${cancelled} canceled`);
  if (costUsd !== null) parts.push(formatCost(costUsd));
  if (status === 'running' && secondsLeft !== null) parts.push(`about ${formatDuration(secondsLeft * 1_000)} left`);
  return parts.join(', ');
}

/** A batch as one of the statuses that have an icon. */
export function statusOf({ status, failed, cancelled, done }: Batch): string {
  if (status === 'finished') return failed > 0 ? 'failed' : cancelled > 0 && done === 0 ? 'cancelled' : 'completed';
  return status === 'paused' ? 'waiting' : status;
}

/** What a batch would cost and take, as far as that is known. */
export function estimateWords(estimate: {
  readonly total: number;
  readonly basedOnRuns: number;
  readonly costUsd: number | null;
  readonly seconds: number | null;
}): string {
  const { total, basedOnRuns, costUsd, seconds } = estimate;
  const rows = countOf(total, 'row');
  if (basedOnRuns === 0) return `${rows}. Cost and time are known after the first runs.`;
  const cost = costUsd === null ? 'cost unknown' : `about ${formatCost(costUsd)}`;
  const time = seconds === null ? '' : `, about ${formatDuration(seconds * 1_000)}`;
  return `${rows}: ${cost}${time}, going by the latest ${countOf(basedOnRuns, 'run')}.`;
}
