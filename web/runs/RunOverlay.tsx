import { ExternalLink, PanelBottomClose, PanelBottomOpen, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Graph } from '../../core/graph/graph.ts';
import { Button, IconButton, buttonClass } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { StatusBadge } from '../ui/Status.tsx';
import { RunActions } from './RunActions.tsx';
import { RunCanvas } from './RunCanvas.tsx';
import { RunFacts } from './RunFacts.tsx';
import { RunPanels } from './RunPanels.tsx';
import { useRun, useShownRunSession, type LoadedRun } from './use-run.ts';

/** The run to show in place of the canvas, and the ways out of it. */
export interface RunOverlayProps {
  runId: string;
  /** Shows another run instead. */
  onOpen(runId: string): void;
  onClose(): void;
  /** Puts the graph of the run back on the canvas that is edited; null where nothing can be edited. */
  onRestore: ((graph: Graph) => void) | null;
}

/** An earlier run in place of the canvas: the workflow as it was then, its states, and what happened when. */
export function RunOverlay({ runId, onOpen, onClose, onRestore }: RunOverlayProps) {
  const { loaded, error } = useRun(runId);
  if (error !== null) {
    return (
      <EmptyState
        icon={<X size={20} aria-hidden />}
        title="This run could not be loaded"
        actions={<Button onClick={onClose}>Back to the workflow</Button>}
      >
        {error.message}
      </EmptyState>
    );
  }
  if (loaded === null) {
    return (
      <div className="flex h-full items-center justify-center bg-canvas text-muted" aria-busy="true">
        Loading the run …
      </div>
    );
  }
  return <LoadedOverlay key={runId} loaded={loaded} onOpen={onOpen} onClose={onClose} onRestore={onRestore} />;
}

function LoadedOverlay({ loaded, onOpen, onClose, onRestore }: Omit<RunOverlayProps, 'runId'> & { loaded: LoadedRun }) {
  const [isDockOpen, setIsDockOpen] = useState(true);
  const { environment, run, executions, selected, select } = useShownRunSession(loaded, onOpen);
  return (
    <section aria-label="Past run" data-overlay-status={run.status} className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-accent-soft px-4 py-2">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <p className="flex items-center gap-3 font-semibold whitespace-nowrap">
            Past run <StatusBadge status={run.status} />
            <span className="truncate text-xs font-normal text-muted max-xl:hidden">the workflow as it was then</span>
          </p>
          <RunFacts run={run} />
        </div>
        <RunActions run={run} executions={executions} onStarted={onOpen} onDeleted={onClose} />
        {onRestore !== null && (
          <Button onClick={() => onRestore(loaded.graph)}>
            <RotateCw size={14} aria-hidden /> Restore this version
          </Button>
        )}
        <Link to={`/runs/${run.id}`} className={buttonClass()}>
          <ExternalLink size={14} aria-hidden /> Run page
        </Link>
        <Button variant="primary" onClick={onClose}>
          Back to editing
        </Button>
      </div>
      {run.error !== null && <p className="bg-danger-soft px-4 py-2 text-danger">{run.error}</p>}
      <div className="min-h-0 flex-1">
        <RunCanvas environment={environment} />
      </div>
      <div className="relative border-t border-line bg-surface">
        <IconButton
          label={isDockOpen ? 'Hide details' : 'Show details'}
          className="absolute top-0.5 right-1 z-10"
          onClick={() => setIsDockOpen(!isDockOpen)}
        >
          {isDockOpen ? <PanelBottomClose size={15} /> : <PanelBottomOpen size={15} />}
        </IconButton>
        {isDockOpen ? (
          <div className="h-[34vh] min-h-48">
            <RunPanels run={run} executions={executions} selected={selected} onSelect={select} isDocked />
          </div>
        ) : (
          <p className="px-4 py-2 text-xs text-muted">Timeline and table</p>
        )}
      </div>
    </section>
  );
}
