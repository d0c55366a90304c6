import { useQuery } from '@tanstack/react-query';
import { isStoredList, type StoredList } from '../../core/node-type/values.ts';
import { addressOf } from './app-address.ts';

/** Reads a list that lies in a file. Throws what to tell where that fails. */
export async function loadList({ url }: StoredList, signal?: AbortSignal): Promise<readonly unknown[]> {
  const answer = await fetch(addressOf(url), { signal: signal ?? null }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Error('The list could not be loaded. Check your connection, then reload the page.', { cause: error });
  });
  if (!answer.ok) throw new Error('The list could not be loaded: its file no longer exists, or is not yours.');
  const lines = (await answer.text()).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

/** The elements of a list: at once where they are at hand, later where they lie in a file; null until then. Of anything else: none. */
export function useWholeList(value: unknown): {
  readonly items: readonly unknown[] | null;
  readonly problem: string | null;
} {
  const list = isStoredList(value) ? value : null;
  const { data, error } = useQuery({
    queryKey: ['list', list?.assetId],
    queryFn: ({ signal }) => loadList(list!, signal),
    enabled: list !== null,
    // The content of a file never changes.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (list === null) return { items: Array.isArray(value) ? (value as unknown[]) : [], problem: null };
  return { items: data ?? null, problem: error?.message ?? null };
}
