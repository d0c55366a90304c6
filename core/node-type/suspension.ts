import type { WaitKind } from '../run/wait.ts';
import type { NodeOutputs } from './values.ts';

/** What a node waits for. */
export interface WaitRequest {
  readonly kind: WaitKind;
  /** Milliseconds until the wait ends by itself; null: never. Until a provider is asked for the first time, where it has a job. */
  readonly dueInMs: number | null;
  /** What is asked or waited for, as readers see it. Default: nothing. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** What the node puts out when its time is over; null: it fails with WAIT_EXPIRED. Default null. */
  readonly dueOutputs?: NodeOutputs | null;
}

/**
 * What an executor resolves to instead of outputs where its node has to wait: the node is WAITING from then on, and holds
 * no worker, job or slot. Whoever resolves the wait completes the node; its executor is not called again, but where it
 * waits for a provider's job: then it is called once more when that is over.
 *
 * @example
 * const alarmExecutor = defineExecutor(alarmNode, async ({ config }) =>
 *   new Suspension({ kind: 'timer', dueInMs: config.ms, dueOutputs: { output: null } }),
 * );
 */
export class Suspension {
  readonly request: WaitRequest;

  constructor(request: WaitRequest) {
    this.request = request;
  }
}
