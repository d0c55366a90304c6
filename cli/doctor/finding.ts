import type { CliConfig } from '../config.ts';

/** What one check found out. */
export interface Finding {
  readonly name: string;
  /** `problem`: Heddle cannot run or a promise is broken; `warning`: it runs, with less. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** Never a key or a password. */
  readonly detail: string;
  /** What to do; shown unless the state is `ok`. */
  readonly fix?: string;
}

/** Looks at one thing. What it finds wrong is its answer; only what nobody foresaw is thrown. */
export type Check = (config: CliConfig) => Promise<Finding>;
