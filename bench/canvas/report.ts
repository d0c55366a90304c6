/** One measured figure and what it must not exceed, in milliseconds; null for one that others are compared with. */
export interface Finding {
  readonly name: string;
  readonly value: number;
  readonly target: number | null;
  /** Further figures of the same measurement, such as the median. */
  readonly detail: string;
}

/**
 * The target of a zoom, in which all that is seen is drawn anew: where the browser does not reach `targetMs` with a plain
 * page in the same run, as without a graphics card, it is what that takes, in whole milliseconds.
 */
export function zoomTarget(targetMs: number, plainZoomMs: number): number {
  return Math.max(targetMs, Math.ceil(plainZoomMs));
}

/** The value that a share of the sorted samples does not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('There is nothing to take a percentile of.');
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

export function report(findings: readonly Finding[]): void {
  for (const { name, value, target, detail } of findings) {
    const verdict = target === null ? '      ' : value <= target ? 'ok    ' : 'MISSED';
    const aim = target === null ? '' : ` (target ${target})`;
    process.stdout.write(`${verdict} ${name.padEnd(44)} ${value.toFixed(1).padStart(8)} ms${aim}  ${detail}\n`);
  }
}
