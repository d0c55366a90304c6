import { useShallow } from 'zustand/react/shallow';
import { isRunFinished } from '../../core/run/status.ts';
import { useEnvironment, useRuns, useShownRun } from '../canvas/environment.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { FailureTile } from './FailureTile.tsx';

/** What of a run is not a result: nodes that run now, nodes that failed, or words where there is nothing. */
export function Pending({
  hasResults,
  hasFailures = true,
  onShowNode,
}: {
  readonly hasResults: boolean;
  /** False where they are told elsewhere on the page. */
  readonly hasFailures?: boolean;
  onShowNode(nodeId: string): void;
}) {
  const { catalogue } = useEnvironment();
  const run = useShownRun();
  const executions = useRuns(
    useShallow(({ view }) =>
      Object.values(view?.nodes ?? {})
        .map(({ execution }) => execution)
        .filter(({ status }) => status === 'RUNNING' || status === 'FAILED'),
    ),
  );
  const failed = executions.filter((execution) => nodeStatusOf(execution) === 'failed' && hasFailures);
  const running = executions.filter(({ status }) => status === 'RUNNING');
  const isOver = run !== null && isRunFinished(run.status);
  return (
    <>
      {failed.map((execution) => (
        <FailureTile
          key={execution.id}
          execution={execution}
          name={execution.nodeLabel ?? catalogue.get(execution.nodeType)?.title ?? execution.nodeId}
          onShowNode={onShowNode}
        />
      ))}
      {running.map(({ id, nodeLabel, nodeType, nodeId }) => (
        <div key={id} className="result-group">
          <span className="h-4.5 truncate text-2xs text-muted">
            {nodeLabel ?? catalogue.get(nodeType)?.title ?? nodeId}
          </span>
          <div className="skeleton result-pending" role="img" aria-label="Still running" />
        </div>
      ))}
      {!hasResults && executions.length === 0 && (
        <p className="m-auto text-xs text-faint">{isOver ? 'This run has no results.' : 'Results appear here.'}</p>
      )}
    </>
  );
}
