import { Link } from 'react-router';
import type { RunSummary } from '../../core/api/runs.ts';
import { Time } from '../ui/Time.tsx';
import { durationOf, scopeOf, triggerOf } from './run-words.ts';

/** When, how long, which part, why and by whom, in one line. */
export function RunFacts({ run }: { run: RunSummary }) {
  return (
    <p className="text-xs text-muted">
      <Time at={run.createdAt} /> · {durationOf(run, Date.now()) ?? 'not started'} · {scopeOf(run)} · {triggerOf(run)}
      {run.retryOf !== null && (
        <>
          {' '}
          of an{' '}
          <Link to={`/runs/${run.retryOf}`} className="underline">
            earlier run
          </Link>
        </>
      )}{' '}
      · {run.startedBy}
    </p>
  );
}
