import { PartBoundary } from '../../shell/PartBoundary.tsx';
import { useWorkflow } from '../environment.ts';
import { isInspectorShown } from '../panels/panels.ts';
import { useRevealBesidePanel } from '../view/use-reveal.ts';
import { Inspector, panelClass, RunsPanel } from './later.tsx';
import { useEditor } from './use-editor.ts';

/** The inspector or the runs, beside the canvas; `mapHome` gets the place for the small map below the inspector. */
export function SidePanels({ mapHome }: { mapHome(element: HTMLElement | null): void }) {
  const { workflowId, session, panels, dispatch } = useEditor();
  const selectedNodes = useWorkflow((state) => state.selectedNodes);
  const isInspecting = isInspectorShown(panels, selectedNodes.length);
  useRevealBesidePanel(isInspecting);
  const viewRun = (runId: string | null) => dispatch({ type: 'view-run', runId });
  return (
    <>
      {isInspecting && (
        <PartBoundary name="The inspector" resetKey={selectedNodes} className={panelClass}>
          <Inspector
            foot={mapHome}
            isAwaited={panels.isInspectorAwaited}
            onArrive={() => dispatch({ type: 'inspector-arrived' })}
            onClose={() => dispatch({ type: 'close-inspector' })}
          />
        </PartBoundary>
      )}
      {panels.areRunsOpen && (
        <PartBoundary name="The list of runs" className={panelClass}>
          <RunsPanel
            workflowId={workflowId}
            viewedRun={panels.viewedRun}
            onView={viewRun}
            onFollow={(runId) => {
              session.live.follow(runId);
              viewRun(null);
            }}
            onClose={() => dispatch({ type: 'close-runs' })}
          />
        </PartBoundary>
      )}
    </>
  );
}
