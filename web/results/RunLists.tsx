import { useShallow } from 'zustand/react/shallow';
import type { PartsProgress } from '../../core/api/runs.ts';
import { callNodeType } from '../../core/graph/call-contract.ts';
import { ListControls } from '../canvas/lists/ListBar.tsx';
import { isOfList } from '../canvas/lists/list-words.ts';
import { useEnvironment, useRuns } from '../canvas/environment.ts';

const isCalledOnce = (nodeType: string, { total }: PartsProgress) => nodeType === callNodeType && total === 1;

/** The lists that the shown run goes, or went, through. Nothing where there are none. */
export function RunLists() {
  const { catalogue } = useEnvironment();
  const lists = useRuns(
    useShallow(({ view }) =>
      Object.values(view?.nodes ?? {})
        .map(({ execution }) => execution)
        .filter(isOfList)
        // Laps of a loop, and what a call does, are no elements of a list.
        .filter(({ nodeType, parts }) => !isCalledOnce(nodeType, parts) && catalogue.get(nodeType)?.loop === undefined),
    ),
  );
  if (lists.length === 0) return null;
  return (
    <ul aria-label="Lists of this run" className="flex flex-col gap-3 border-b border-line bg-surface p-4">
      {lists.map((execution) => {
        const name = execution.nodeLabel ?? catalogue.get(execution.nodeType)?.title ?? execution.nodeId;
        return (
          <li key={execution.id} className="flex flex-col gap-1">
            <h2 className="truncate text-sm font-medium">{name}</h2>
            <ListControls execution={execution} name={name} className="text-xs" isLarge />
          </li>
        );
      })}
    </ul>
  );
}
