import type { ApiFinding } from '../api/common.ts';
import { TerminalError } from './app-error.ts';
import type { ErrorCode } from './codes.ts';

/** What was asked for is refused, with every single finding; HTTP shows them as `errors` of the problem document. */
export class FindingsError extends TerminalError {
  readonly findings: readonly ApiFinding[];

  constructor(code: ErrorCode, message: string, findings: readonly ApiFinding[]) {
    super(code, message);
    this.findings = findings;
  }
}
