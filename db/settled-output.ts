import type { NodeOutputs } from '../core/node-type/values.ts';

/**
 * What came of a node in an earlier run, as far as it stands in for another execution: outputs, a branch that was not
 * taken (SKIPPED, without outputs), or a failure that was handled (FAILED, with the output `error`).
 */
export interface SettledOutput {
  readonly status: 'COMPLETED' | 'SKIPPED' | 'FAILED';
  readonly inputs: object | null;
  readonly outputs: NodeOutputs | null;
  readonly error: string | null;
  readonly errorCode: string | null;
}

/** The columns of it, of a row `n`. */
export const settledColumns = `n.status, n.input_data as inputs, n.output_data as outputs, n.error, n.error_code as "errorCode"`;

/** Whether a row `n` completed, or failed and was handled: what it put out is worth keeping. */
export const hasOutputs = `(n.status = 'COMPLETED' or n.status = 'FAILED' and n.output_data is not null)`;

/** The same, or its branch was not taken. */
export const isSettled = `(${hasOutputs} or n.status = 'SKIPPED' and n.error_code is null)`;
