import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { NodeExecution } from '../../core/api/runs.ts';
import { queryKeys, useApp } from '../api/context.ts';
import type { NodeEditorProps } from '../ui/node-editor.ts';
import { listOpenWaits } from './waits-api.ts';
import { QuestionView } from './QuestionView.tsx';

/** Between two looks: a node that is repeated asks again with each of its parts. */
const lookEveryMs = 15_000;

interface NodeQuestionProps {
  readonly execution: NodeExecution;
  readonly place: NodeEditorProps['place'];
}

/**
 * The question that a node of the shown run waits with, to be answered in place, one after another where it has several. A node
 * does not grow by it: it lies over the settings, which count again with the next run.
 */
export function NodeQuestion({ execution, place }: NodeQuestionProps) {
  return place === 'inspector' ? (
    <Question {...execution} />
  ) : (
    <div className="node-question nodrag nowheel absolute inset-0 z-10 flex flex-col gap-2 overflow-y-auto rounded-b-xl bg-surface px-3 pb-3">
      <Question {...execution} />
    </div>
  );
}

function Question({ runId, nodeId, attempt }: Pick<NodeExecution, 'runId' | 'nodeId' | 'attempt'>) {
  const { api, queries } = useApp();
  // It came just now: the sign in the top bar counts it at once.
  useEffect(
    () => void queries.invalidateQueries({ queryKey: [...queryKeys.waits, 'open'] }),
    [queries, nodeId, attempt],
  );
  const { data, error } = useQuery({
    queryKey: [...queryKeys.waits, runId, nodeId, attempt],
    queryFn: ({ signal }) => listOpenWaits(api, { runId, nodeId }, signal),
    refetchInterval: lookEveryMs,
  });
  if (error !== null) return <p className="text-xs text-danger">{error.message}</p>;
  if (data === undefined) return <div role="status" aria-label="Loading" className="skeleton h-16" />;
  const [wait] = data.items;
  if (wait === undefined) return null;
  const count = data.items.length;
  return (
    <>
      {count > 1 && (
        <p role="status" className="text-xs text-status-waiting">
          {data.nextCursor === null ? count : `More than ${count}`} questions are open; this is the oldest.
        </p>
      )}
      <QuestionView key={wait.id} wait={wait} place="node" />
    </>
  );
}
