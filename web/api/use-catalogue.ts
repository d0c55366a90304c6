import { useQuery } from '@tanstack/react-query';
import { catalogueFrom, type Catalogue } from '../graph/catalogue.ts';
import { queryKeys, useApp } from './context.ts';

/** The node types of the server; everything about a node is drawn from them. Undefined until it has told them. */
export function useCatalogue(): { catalogue: Catalogue | undefined; error: Error | null } {
  const { api } = useApp();
  const { data, error } = useQuery({
    queryKey: queryKeys.nodeTypes,
    queryFn: async () => catalogueFrom(await api.listNodeTypes()),
    staleTime: Infinity,
  });
  return { catalogue: data, error };
}
