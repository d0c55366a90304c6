import type { Shape } from './shapes.ts';

/** What a workload is run on: Heddle, or BullMQ alone. */
export interface System {
  readonly name: string;
  /** Starts one run and resolves when it is over. */
  runOnce(shape: Shape): Promise<void>;
  /** Starts one run of each at once and resolves when all are over. */
  runMany(shapes: readonly Shape[]): Promise<void>;
  /** Statements sent to Postgres so far; 0 where there is no database of ours. */
  statements(): number;
  stop(): Promise<void>;
}

/** Jobs that the worker of either system takes at once: enough that neither waits for its own answers. */
export const concurrency = 256;
