import type { RunSummary } from '../../core/api/runs.ts';
import { listProgress, listProgressWords } from '../../core/run/list-progress.ts';
import { summarize } from '../live/summarize.ts';
import type { RunView } from '../live/run-view.ts';
import { countOf, formatDuration } from '../ui/format.ts';

/** How a run stands, as one would tell somebody who does not see its graph. */
export function progressWords(run: RunSummary, view: RunView | null): string {
  switch (run.status) {
    case 'PENDING':
      return 'Waiting for its turn …';
    case 'RUNNING':
      return view === null ? 'Working …' : workingWords(view);
    case 'COMPLETED': {
      const { startedAt, finishedAt } = run;
      return startedAt === null || finishedAt === null
        ? 'Done'
        : `Done in ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
    }
    case 'FAILED':
      return 'It did not work';
    case 'CANCELLED':
      return 'Canceled';
  }
}

function workingWords(view: RunView): string {
  const { done, total } = summarize(view);
  const list = listProgress(Object.values(view.nodes).map(({ execution }) => execution));
  const states = Object.values(view.nodes);
  // One that waits for its provider is told of where that says how far it is.
  const running =
    states.find(({ execution }) => execution.status === 'RUNNING') ??
    states.find(({ execution, percent }) => execution.status === 'WAITING' && percent !== null);
  const steps = `${done} of ${countOf(total, 'step')} done`;
  const inList = list === null ? '' : `, ${listProgressWords(list)} in the list`;
  if (running === undefined) return `Working: ${steps}${inList}`;
  const { execution, percent } = running;
  const what = execution.nodeLabel ?? execution.nodeType;
  const far = percent === null ? '' : ` (${Math.round(percent)} %)`;
  return `Working: ${steps}${inList}, now ${what}${far}`;
}
