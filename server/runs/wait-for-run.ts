import type { RunSummary } from '../../core/api/runs.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { isRunFinished } from '../../core/run/status.ts';
import type { Db } from '../../db/client.ts';
import { findRun } from '../../db/runs/find.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/** A lost notice delays the answer by no more than this. */
const pollMs = 500;

/**
 * Waits until the run is finished, `timeoutMs` are over or the signal aborts,
 * and returns the run as it is then; null where it was deleted. Notices make it
 * quick, a poll makes it sure.
 */
export async function waitForRun(
  { db, notices }: { readonly db: Db; readonly notices: NoticeChannel },
  request: {
    readonly scope: InWorkspace;
    readonly runId: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<RunSummary | null> {
  const { scope, runId, signal } = request;
  const deadline = performance.now() + request.timeoutMs;
  let wake = () => {};
  let isNews = true;
  const unsubscribe = notices.subscribe((notice) => {
    if (notice.kind !== 'events' || notice.runId !== runId) return;
    isNews = true;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      isNews = false;
      const run = await findRun(db, scope, runId);
      const leftMs = deadline - performance.now();
      if (run === null || isRunFinished(run.status) || leftMs <= 0 || signal.aborted) return run;
      if (isNews) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(pollMs, leftMs));
        wake = () => (clearTimeout(timer), resolve());
      });
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}
