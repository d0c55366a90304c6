import { useCallback } from 'react';
import { EnvironmentContext, useEnvironment, useShownRun, type CanvasEnvironment } from '../canvas/environment.ts';
import { useIsPhone } from '../ui/use-media.ts';
import { Pending } from './Pending.tsx';
import { ResultsPanel } from './ResultsPanel.tsx';
import { RunQuestions } from './RunQuestions.tsx';
import { useResultGroups } from './use-results.ts';

interface RunResultsProps {
  /** The canvas of the run. */
  readonly environment: CanvasEnvironment;
  readonly workflowName: string;
}

/** The results of one run on its page; on a phone, where its graph is too small for that, what it asks comes first. */
export function RunResults({ environment, workflowName }: RunResultsProps) {
  const isPhone = useIsPhone();
  return (
    <EnvironmentContext value={environment}>
      {isPhone && (
        <div className="mb-4 overflow-hidden rounded-xl border border-line empty:hidden">
          <RunQuestions />
        </div>
      )}
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
