import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { useStore } from 'zustand';
import type { Graph } from '../../../core/graph/graph.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import { OptionalPart, PartBoundary } from '../../shell/PartBoundary.tsx';
import { useCommands } from '../commands/commands.ts';
import { useShownRun, useWorkflow } from '../environment.ts';
import type { Point } from '../panels/panels.ts';
import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';
import { Canvas } from '../view/Canvas.tsx';
import { EmptyCanvas, PhoneView, ResultsDock, RunOverlay } from './later.tsx';
import { useEditor } from './use-editor.ts';

const coverClass = 'h-full items-center justify-center bg-canvas';

/** The canvas, with what lies over it. */
export function CanvasArea({ mapHome }: { mapHome: HTMLElement | null }) {
  const { workflowId, panels, dispatch } = useEditor();
  const quickAdd = useCommands()['quick-add'];
  const navigate = useNavigate();
  const isEmpty = useWorkflow((state) => state.nodes.length === 0);
  // The same from one drawing to the next: the canvas hands them to every node.
  const onQuickAdd = useCallback((at: QuickAddRequest | null) => dispatch({ type: 'quick-add', at }), [dispatch]);
  const onContextMenu = useCallback((at: Point) => dispatch({ type: 'open-menu', at }), [dispatch]);
  if (panels.isPhone) {
    return (
      <PartBoundary name="This page" className={coverClass}>
        <PhoneView onOpenRuns={() => dispatch({ type: 'open-runs' })}>
          <Canvas isSnapping={false} isPhone quickAddAt={null} onQuickAdd={onQuickAdd} onContextMenu={onContextMenu} />
        </PhoneView>
      </PartBoundary>
    );
  }
  return (
    <div className="flex h-full flex-col">
      <div className="relative min-h-0 flex-1">
        <PartBoundary name="The canvas" className={coverClass}>
          <Canvas
            isSnapping={panels.isSnapping}
            isPhone={false}
            mapHome={mapHome}
            quickAddAt={panels.quickAddAt}
            onQuickAdd={onQuickAdd}
            onContextMenu={onContextMenu}
          />
        </PartBoundary>
        {isEmpty && (
          <OptionalPart name="The hint">
            <EmptyCanvas
              onQuickAdd={quickAdd.run}
              onTemplates={() => void navigate(`/templates?instead=${workflowId}`)}
            />
          </OptionalPart>
        )}
      </div>
      <Results />
    </div>
  );
}

/** The results of the shown run, from the first run on. */
function Results() {
  const { session, panels, dispatch } = useEditor();
  const hasRun = useShownRun() !== null;
  const name = useStore(session.autosave.state, (state) => state.name);
  if (!hasRun) return null;
  const isOpen = panels.areResultsOpen;
  return (
    <PartBoundary name="The results" className="border-t border-line bg-surface">
      <ResultsDock
        workflowName={name}
        isOpen={isOpen}
        onToggle={() => dispatch({ type: 'toggle-results' })}
        onOpenRuns={() => dispatch({ type: 'open-runs' })}
      />
    </PartBoundary>
  );
}

/** An earlier run in the place of the canvas. */
export function ViewedRun({ runId }: { runId: string }) {
  const { session, panels, dispatch } = useEditor();
  const view = (next: string | null) => dispatch({ type: 'view-run', runId: next });
  const restore = (graph: Graph) => {
    session.store.getState().replaceGraph('Restore the graph of a run', fromGraph(graph));
    view(null);
  };
  return (
    <PartBoundary name="This run" resetKey={runId} className={coverClass}>
      <RunOverlay runId={runId} onOpen={view} onClose={() => view(null)} onRestore={panels.isPhone ? null : restore} />
    </PartBoundary>
  );
}
