import { useQuery } from '@tanstack/react-query';
import { assetIdOf, type Asset, type Peaks } from '../../core/api/assets.ts';
import { useApp } from '../api/context.ts';
import { pageOf } from './app-address.ts';

/** What the server knows of the file at an address; undefined while it loads, and for addresses elsewhere. */
export function useAsset(url: string | null, isWanted = true): Asset | undefined {
  const { api } = useApp();
  const assetId = url === null ? null : assetIdOf(pageOf(url));
  const { data } = useQuery({
    queryKey: ['asset', assetId],
    queryFn: () => api.getAsset(assetId!),
    enabled: isWanted && assetId !== null,
    // The content of an asset never changes.
    staleTime: Infinity,
  });
  return data;
}

/** How loud the sound at an address is, 0-255 in each stretch; undefined while nobody knows. */
export function usePeaks(url: string): Peaks['peaks'] | undefined {
  const { api } = useApp();
  const assetId = assetIdOf(pageOf(url));
  const { data } = useQuery({
    queryKey: ['peaks', assetId],
    queryFn: () => api.getPeaks(assetId!),
    enabled: assetId !== null,
    staleTime: Infinity,
    // An audio file that cannot be measured can still be played.
    retry: false,
  });
  return data?.peaks;
}
