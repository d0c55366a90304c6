import { useEffect, useState } from 'react';
import type { NodeExecution, RunSummary } from '../../core/api/runs.ts';
import { isRunFinished } from '../../core/run/status.ts';
import { cn } from '../ui/cn.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { ExecutionDetails } from './ExecutionDetails.tsx';
import { ExecutionTable } from './ExecutionTable.tsx';
import { Gantt } from './Gantt.tsx';

/** Bars of what still runs grow this often, in milliseconds. */
const tickMs = 500;

interface RunPanelsProps {
  run: RunSummary;
  executions: readonly NodeExecution[];
  selected: NodeExecution | undefined;
  onSelect(execution: NodeExecution): void;
  /** The panels scroll inside, instead of growing with what they hold. */
  isDocked?: boolean;
}

/** What happened in a run: a timeline or a table of its node executions, and the chosen one in full. */
export function RunPanels({ run, executions, selected, onSelect, isDocked = false }: RunPanelsProps) {
  const [tab, setTab] = useState('timeline');
  const nowMs = useNow(!isRunFinished(run.status));
  const selectedId = selected?.id ?? null;
  const panel = 'min-w-0 overflow-hidden rounded-xl border border-line bg-surface';
  return (
    <div
      className={cn(
        'grid gap-4 lg:grid-cols-[1fr_340px]',
        isDocked ? 'h-full min-h-0 gap-0 lg:grid-cols-[1fr_320px]' : 'items-start',
      )}
    >
      <div className={isDocked ? 'min-h-0 min-w-0 overflow-y-auto' : panel}>
        <Tabs
          label="Node executions"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: 'timeline',
              label: 'Timeline',
              panel: <Gantt executions={executions} nowMs={nowMs} selectedId={selectedId} onSelect={onSelect} />,
            },
            {
              value: 'table',
              label: 'Table',
              panel: <ExecutionTable executions={executions} selectedId={selectedId} onSelect={onSelect} />,
            },
          ]}
        />
      </div>
      <div
        role="region"
        aria-label="Selected node"
        tabIndex={0}
        className={isDocked ? 'min-h-0 min-w-0 overflow-y-auto border-l border-line max-lg:hidden' : panel}
      >
        {selected === undefined ? (
          <p className="px-4 py-8 text-center text-muted">Select a node to see its inputs and outputs.</p>
        ) : (
          <>
            <h2 className="border-b border-line px-4 py-2 font-semibold">{selected.nodeLabel ?? selected.nodeId}</h2>
            <ExecutionDetails execution={selected} />
          </>
        )}
      </div>
    </div>
  );
}

function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
