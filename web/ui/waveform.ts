/** One bar of a drawing, 0-1 of its height. */
export type Bar = number;

/** The least that a bar shows of silence, so that an audio file without a tone is still seen. */
const least = 0.04;

/**
 * So many bars as there is room for: each the loudest of the peaks that fall to
 * it, measured by the loudest of all, so that a quiet recording shows its form too.
 */
export function barsOf(peaks: readonly number[], count: number): Bar[] {
  const loudest = Math.max(1, ...peaks);
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count));
    return Math.max(least, Math.max(0, ...peaks.slice(from, to)) / loudest);
  });
}
