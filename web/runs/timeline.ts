import type { NodeExecution } from '../../core/api/runs.ts';

/** Moments are milliseconds since 1970, null where they have not come yet; `waitMs` is a length. */
export interface ExecutionTimes {
  readonly queuedMs: number | null;
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  /** From queued to started; null before it started. */
  readonly waitMs: number | null;
}

const at = (timestamp: string | null) => (timestamp === null ? null : Date.parse(timestamp));

/** A start before its queueing, as clocks of two machines may have it, counts as no wait. */
export function timesOf({ queuedAt, startedAt, finishedAt }: NodeExecution): ExecutionTimes {
  const [queuedMs, startedMs, finishedMs] = [at(queuedAt), at(startedAt), at(finishedAt)];
  const waitMs = queuedMs === null || startedMs === null ? null : Math.max(0, startedMs - queuedMs);
  return { queuedMs, startedMs, finishedMs, waitMs };
}

/** One node execution as a bar of the timeline. */
export interface Bar {
  readonly execution: NodeExecution;
  /** Fractions of the whole span, 0-1: where the wait begins, where the run begins, where it ends. */
  readonly queued: number;
  readonly started: number;
  readonly finished: number;
}

/** `spanMs` reaches from the first moment to the last; it is 0 with no bars and at least 1 otherwise. */
export interface Timeline {
  readonly spanMs: number;
  /** In order of their start; executions that never began are left out. */
  readonly bars: readonly Bar[];
}

/** States that reach to now. */
const underWay: ReadonlySet<NodeExecution['status']> = new Set(['QUEUED', 'RUNNING', 'WAITING']);

/** Places executions on one line of time. What is under way reaches to `nowMs`. */
export function timelineOf(executions: readonly NodeExecution[], nowMs: number): Timeline {
  const timed = executions.flatMap((execution) => {
    const { queuedMs, startedMs, finishedMs } = timesOf(execution);
    const from = queuedMs ?? startedMs ?? finishedMs;
    if (from === null) return [];
    const end = finishedMs ?? (underWay.has(execution.status) ? nowMs : from);
    return [{ execution, from, start: startedMs ?? end, end: Math.max(end, from) }];
  });
  if (timed.length === 0) return { spanMs: 0, bars: [] };
  const first = Math.min(...timed.map(({ from }) => from));
  // A span of nothing would divide by zero.
  const spanMs = Math.max(1, Math.max(...timed.map(({ end }) => end)) - first);
  const fraction = (ms: number) => Math.min(1, Math.max(0, (ms - first) / spanMs));
  return {
    spanMs,
    bars: timed
      .toSorted((a, b) => a.from - b.from || a.start - b.start)
      .map(({ execution, from, start, end }) => ({
        execution,
        queued: fraction(from),
        started: fraction(start),
        finished: fraction(end),
      })),
  };
}
