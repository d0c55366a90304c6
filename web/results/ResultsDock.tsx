import { useReactFlow } from '@xyflow/react';
import { PanelBottomClose, PanelBottomOpen } from 'lucide-react';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { useEnvironment } from '../canvas/environment.ts';
import { IconButton } from '../ui/Button.tsx';
import { motionMs } from '../ui/motion.ts';
import { ResultsPanel } from './ResultsPanel.tsx';
import { RunSummary } from './RunSummary.tsx';
import { Pending } from './Pending.tsx';
import { useResultGroups } from './use-results.ts';

/** How the results stand under the canvas. */
export interface ResultsDockProps {
  readonly workflowName: string;
  readonly isOpen: boolean;
  onToggle(): void;
  onOpenRuns(): void;
}

const nodeElement = (id: string) => `.react-flow__node[data-id="${CSS.escape(id)}"]`;

/** Under the canvas: how the run stands, and its results in a strip. */
export function ResultsDock({ workflowName, isOpen, onToggle, onOpenRuns }: ResultsDockProps) {
  const { store } = useEnvironment();
  const groups = useResultGroups();
  const flow = useReactFlow();
  const navigate = useNavigate();
  const show = useCallback(
    (ids: readonly string[]) =>
      flow.fitView({
        nodes: ids.map((id) => ({ id })),
        padding: 0.3,
        maxZoom: 1,
        duration: motionMs(200),
      }),
    [flow],
  );
  const onShowNode = useCallback(
    (nodeId: string) => {
      store.getState().selectNodes([nodeId]);
      void show([nodeId]);
    },
    [store, show],
  );
  const onQuestion = (nodeId: string) => {
    // The node of a workflow that is called stands on no canvas here.
    if (!store.getState().nodes.some(({ id }) => id === nodeId)) return void navigate('/waiting');
    store.getState().selectNodes([nodeId]);
    void show([nodeId]).then(() => document.querySelector<HTMLElement>(nodeElement(nodeId))?.focus());
  };
  return (
    <div className="border-t border-line">
      <ResultsPanel
        groups={groups}
        workflowName={workflowName}
        layout="strip"
        isOpen={isOpen}
        before={<RunSummary onOpen={onOpenRuns} onQuestion={onQuestion} />}
        first={<Pending hasResults={groups.length > 0} onShowNode={onShowNode} />}
        after={
          <IconButton
            label={isOpen ? 'Hide results' : 'Show results'}
            size="sm"
            aria-expanded={isOpen}
            onClick={onToggle}
          >
            {isOpen ? <PanelBottomClose size={15} /> : <PanelBottomOpen size={15} />}
          </IconButton>
        }
        onShowNode={onShowNode}
        onUsed={(ids) => void show(ids)}
      />
    </div>
  );
}
