import { useAsset } from './use-asset.ts';

/** A length that one can reckon with, in seconds; null for what players say of files without one: NaN, Infinity, 0. */
export function readableLength(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/**
 * How long a video is, in seconds; null while nobody knows. What the server has
 * measured goes first: a recording of a browser has no length in its file, and
 * its player says Infinity.
 */
export function useVideoLength(value: unknown, url: string | null, playerLength: number | null): number | null {
  const told =
    typeof value === 'object' && value !== null && 'durationMs' in value && typeof value.durationMs === 'number'
      ? readableLength(value.durationMs / 1_000)
      : null;
  const data = useAsset(url, told === null);
  return told ?? readableLength((data?.durationMs ?? 0) / 1_000) ?? readableLength(playerLength);
}
