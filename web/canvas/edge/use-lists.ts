import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { EdgeLists } from '../../graph/list-view.ts';
import { hasLists, listPart, loadListPart, type ListPart } from '../../graph/list-part.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';

/** What is known of lists; null on a canvas without any, and until it is loaded. */
export function useListPart(): ListPart | null {
  const { catalogue } = useEnvironment();
  const isWanted = useWorkflow((state) => hasLists(state.nodes, catalogue));
  useEffect(() => {
    if (isWanted) loadListPart();
  }, [isWanted]);
  const part = useStore(listPart, (state) => state.part);
  return isWanted ? part : null;
}

/** What an edge carries, and whether a list could go along it otherwise; null where there are no lists. */
export function useEdgeLists(id: string): EdgeLists | null {
  const { catalogue } = useEnvironment();
  const part = useListPart();
  return useWorkflow(
    useShallow((state) => {
      const edge = part === null ? undefined : state.edges.find((one) => one.id === id);
      return edge === undefined || part === null ? null : part.edgeLists(state, catalogue, edge);
    }),
  );
}
