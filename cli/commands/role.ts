import { programArguments, type Role } from '../stack/role-program.ts';
import { runProgram } from '../stack/run-program.ts';
import type { Environment } from '../../config/environment.ts';

/**
 * `heddle server` and `heddle worker`: one role in the foreground, for
 * installations with Postgres and Redis of their own. Returns its exit code.
 */
export function runRole(role: Role, environment: Environment): Promise<number> {
  return runProgram(programArguments(role), environment);
}
