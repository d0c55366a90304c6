import type { NodeExecution } from '../../core/api/runs.ts';
import { shownStatusOf } from '../live/node-status.ts';
import { StatusBadge } from '../ui/Status.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { formatDuration } from '../ui/format.ts';
import { timesOf } from './timeline.ts';

interface ExecutionTableProps {
  executions: readonly NodeExecution[];
  selectedId: string | null;
  onSelect(execution: NodeExecution): void;
}

/** Node executions as rows; a click shows one in full. */
export function ExecutionTable({ executions, selectedId, onSelect }: ExecutionTableProps) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Node executions">
      <table className="w-full text-left text-xs">
        <thead className="text-2xs text-faint">
          <tr className="border-b border-line">
            <th className="px-3 py-2 font-medium">Node</th>
            <th className="px-3 py-2 font-medium">Status</th>
            <th className="px-3 py-2 text-right font-medium">Waited</th>
            <th className="px-3 py-2 text-right font-medium">Ran</th>
            <th className="px-3 py-2 text-right font-medium">Attempt</th>
            <th className="px-3 py-2 font-medium">Worker</th>
            <th className="min-w-32 px-3 py-2 font-medium">Output</th>
          </tr>
        </thead>
        <tbody>
          {executions.map((execution) => {
            const { waitMs } = timesOf(execution);
            const output = Object.values(execution.outputData ?? {})[0];
            return (
              <tr
                key={execution.id}
                data-selected={selectedId === execution.id}
                onClick={() => onSelect(execution)}
                className="cursor-pointer border-b border-line align-top last:border-0 hover:bg-hover data-[selected=true]:bg-hover"
              >
                <td className="max-w-44 px-3 py-2">
                  <button
                    type="button"
                    className="max-w-full truncate text-left font-medium"
                    onClick={() => onSelect(execution)}
                  >
                    {execution.nodeLabel ?? execution.nodeId}
                  </button>
                  <span className="block text-2xs text-faint">{execution.nodeType}</span>
                </td>
                <td className="px-3 py-2">
                  <StatusBadge status={shownStatusOf(execution)} />
                  {execution.error !== null && (
                    <span className="mt-0.5 block max-w-60 text-2xs text-danger">{execution.error}</span>
                  )}
                </td>
                <td className="px-3 py-2 text-right whitespace-nowrap">
                  {waitMs === null ? '–' : formatDuration(waitMs)}
                </td>
                <td className="px-3 py-2 text-right whitespace-nowrap">
                  {execution.duration === null ? '–' : formatDuration(execution.duration)}
                </td>
                <td className="px-3 py-2 text-right">{execution.attempt}</td>
                <td className="px-3 py-2 font-mono text-2xs text-muted">{execution.workerId?.slice(0, 8) ?? '–'}</td>
                <td className="max-w-60 px-3 py-2">
                  {output !== undefined && output !== null && (
                    <ValuePreview
                      value={output}
                      title={`Output of ${execution.nodeLabel ?? execution.nodeId}`}
                      size="small"
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
