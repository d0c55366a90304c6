import { useCallback } from 'react';
import { EnvironmentContext, useEnvironment, useShownRun, type CanvasEnvironment } from '../canvas/environment.ts';
import { Pending } from './Pending.tsx';
import { ResultsPanel } from './ResultsPanel.tsx';
import { useResultGroups } from './use-results.ts';

interface RunResultsProps {
  /** The canvas of the run. */
  readonly environment: CanvasEnvironment;
  readonly workflowName: string;
}

/** The results of one run on its page. */
export function RunResults({ environment, workflowName }: RunResultsProps) {
  return (
    <EnvironmentContext value={environment}>
      <Results workflowName={workflowName} />
    </EnvironmentContext>
  );
}

function Results({ workflowName }: { readonly workflowName: string }) {
  const { store } = useEnvironment();
  const groups = useResultGroups();
  const run = useShownRun();
  const onShowNode = useCallback((nodeId: string) => store.getState().selectNodes([nodeId]), [store]);
  // Why there are none stands above.
  if (groups.length === 0 && run?.status === 'FAILED') return null;
  return (
    <div className="mb-4 overflow-hidden rounded-xl border border-line">
      <ResultsPanel
        groups={groups}
        workflowName={workflowName}
        layout="wall"
        isOpen
        before={<h2 className="px-2 font-semibold">Results</h2>}
        first={<Pending hasResults={groups.length > 0} hasFailures={false} onShowNode={onShowNode} />}
        onShowNode={onShowNode}
      />
    </div>
  );
}
