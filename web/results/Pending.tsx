import { useShallow } from 'zustand/react/shallow';
import type { NodeExecution } from '../../core/api/runs.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { useEnvironment, useRuns, useShownRun } from '../canvas/environment.ts';
import { nodeStatusOf } from '../live/node-status.ts';
import { FailureTile } from './FailureTile.tsx';

/** From so many on the nodes that run stand in one place: the results beside them would move with each that begins or ends. */
const manyRunning = 4;

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
  const nameOf = ({ nodeLabel, nodeType, nodeId }: NodeExecution) =>
    nodeLabel ?? catalogue.get(nodeType)?.title ?? nodeId;
  return (
    <>
      {failed.map((execution) => (
        <FailureTile key={execution.id} execution={execution} name={nameOf(execution)} onShowNode={onShowNode} />
      ))}
      {running.length < manyRunning ? (
        running.map((execution) => <Running key={execution.id} words={nameOf(execution)} />)
      ) : (
        <Running words={`${running.length} nodes running`} title={running.map(nameOf).join('\n')} />
      )}
      {!hasResults && executions.length === 0 && (
        <p className="m-auto text-xs text-faint">{isOver ? 'This run has no results.' : 'Results appear here.'}</p>
      )}
    </>
  );
}

function Running({ words, title }: { readonly words: string; readonly title?: string }) {
  return (
    <div className="result-group" title={title}>
      <span className="h-4.5 truncate text-2xs text-muted">{words}</span>
      <div className="skeleton result-pending" role="img" aria-label="Still running" />
    </div>
  );
}
