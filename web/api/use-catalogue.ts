import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { catalogueFrom, describeNodeType, type Catalogue } from '../graph/catalogue.ts';
import { queryKeys, useApp } from './context.ts';

const bundledTypes = nodeDefinitions.map(describeNodeType);
const bundledCatalogue = catalogueFrom(bundledTypes);

/**
 * The node types of the server. Those that came with the page are there at
 * once; a type that only the server knows is drawn from its description.
 */
export function useCatalogue(): Catalogue {
  const { api } = useApp();
  const { data } = useQuery({ queryKey: queryKeys.nodeTypes, queryFn: () => api.listNodeTypes(), staleTime: Infinity });
  return useMemo(() => {
    const added = (data ?? []).filter(({ type }) => !bundledCatalogue.has(type));
    return added.length === 0 ? bundledCatalogue : catalogueFrom([...bundledTypes, ...added]);
  }, [data]);
}

export { bundledCatalogue };
