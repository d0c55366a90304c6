import { AppError, TerminalError } from '../../core/errors/app-error.ts';
import { childEnvironment, type CliConfig } from '../config.ts';
import { programArguments } from '../stack/role-program.ts';
import { runProgram } from '../stack/run-program.ts';
import { withDatabase } from '../stack/with-database.ts';

/**
 * `heddle sign-in-link`: prints a one-time link for an account, by default the
 * owner's. For whoever has the machine and lost the password. Returns the exit code.
 */
export async function signInLink({ config, email }: { config: CliConfig; email?: string }): Promise<number> {
  const args = [...programArguments('sign-in-link'), ...(email === undefined ? [] : [email])];
  try {
    return await withDatabase(config, (url) =>
      runProgram(args, childEnvironment(config.environment, { DATABASE_URL: url })),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DATA_DIR_IN_USE') throw error;
    throw new TerminalError(
      'DATA_DIR_IN_USE',
      `Heddle runs in ${config.dataDir}. It prints a sign-in link at each start. Stop it and start it again.`,
      { cause: error },
    );
  }
}
