import { Suspense, useCallback } from 'react';
import { useNavigate } from 'react-router';
import type { Graph } from '../../../core/graph/graph.ts';
import { fromGraph } from '../../graph/canvas-graph.ts';
import { PartBoundary } from '../../shell/PartBoundary.tsx';
import { useCommands } from '../commands/commands.ts';
import { useWorkflow } from '../environment.ts';
import type { Point } from '../panels/panels.ts';
import type { QuickAddRequest } from '../quick-add/QuickAdd.tsx';
import { RunSummaryBar } from '../running/RunSummaryBar.tsx';
import { Canvas } from '../view/Canvas.tsx';
import { EmptyCanvas } from './EmptyCanvas.tsx';
import { RunOverlay } from './later.ts';
import { useEditor } from './use-editor.ts';

const coverClass = 'h-full items-center justify-center bg-canvas';

/** The canvas, with what lies over it. */
export function CanvasArea({ mapHome }: { mapHome: HTMLElement | null }) {
  const { panels, dispatch } = useEditor();
  const quickAdd = useCommands()['quick-add'];
  const navigate = useNavigate();
  const isEmpty = useWorkflow((state) => state.nodes.length === 0);
  // The same from one drawing to the next: the canvas hands them to every node.
  const onQuickAdd = useCallback((at: QuickAddRequest | null) => dispatch({ type: 'quick-add', at }), [dispatch]);
  const onContextMenu = useCallback((at: Point) => dispatch({ type: 'open-menu', at }), [dispatch]);
  return (
    <>
      <PartBoundary name="The canvas" className={coverClass}>
        <Canvas
          isSnapping={panels.isSnapping}
          isPhone={panels.isPhone}
          mapHome={mapHome}
          quickAddAt={panels.quickAddAt}
          onQuickAdd={onQuickAdd}
          onContextMenu={onContextMenu}
        />
      </PartBoundary>
      {isEmpty && <EmptyCanvas onQuickAdd={quickAdd.run} onTemplates={() => void navigate('/templates')} />}
      <PartBoundary
        name="The summary of the run"
        className="absolute bottom-3 left-1/2 -translate-x-1/2 rounded-lg bg-raised shadow-popup"
      >
        <RunSummaryBar onOpen={() => dispatch({ type: 'open-runs' })} />
      </PartBoundary>
    </>
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
      <Suspense fallback={<div className="h-full bg-canvas" aria-busy="true" />}>
        <RunOverlay
          runId={runId}
          onOpen={view}
          onClose={() => view(null)}
          onRestore={panels.isPhone ? null : restore}
        />
      </Suspense>
    </PartBoundary>
  );
}
