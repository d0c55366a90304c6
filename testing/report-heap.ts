import { getHeapStatistics } from 'node:v8';

/** What a process holds after its garbage was collected, in bytes. */
export interface HeapReport {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly rss: number;
  /** What V8 keeps for the heap, used or not: it is part of rss. */
  readonly heapPhysical: number;
}

/**
 * On SIGUSR2 this process collects its garbage and prints what is left, as a
 * line `{"heap":{…}}`. It has to be started with --expose-gc.
 */
export function reportHeapOnSignal(): void {
  process.on('SIGUSR2', () => {
    // What the first one finds unreachable may still be held by finalizers.
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    const heapPhysical = getHeapStatistics().total_physical_size;
    const heap: HeapReport = { heapUsed, external, arrayBuffers, rss, heapPhysical };
    process.stdout.write(`${JSON.stringify({ heap })}\n`);
  });
}

const line = /^\{"heap":.*\}$/gm;

/** The reports in what a process has printed, oldest first. */
export function readHeapReports(output: string): HeapReport[] {
  return [...output.matchAll(line)].map(([text]) => (JSON.parse(text) as { heap: HeapReport }).heap);
}
