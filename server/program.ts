import { v7 as uuidv7 } from 'uuid';
import { secretsOf } from '../config/secret-values.ts';
import { readVersion } from '../config/version.ts';
import { endOnRejections, openProgramLog, printLine, runProgram, stopOnSignals } from '../boot/program.ts';
import { createScrubber } from '../core/scrub.ts';
import { forgetPassword, readConfig, turnOffTelemetry } from './config.ts';
import { redactedPaths } from './http/request-log.ts';
import { startServer, type RunningServer, type StartOptions } from './start-server.ts';

/*
 * The server process. On stdout it tells when it is ready and, where everything
 * runs on this machine or no owner could sign in yet, the owner's sign-in link.
 */

/** What programs beside the product's own bring along. */
export type ServerExtras = Pick<StartOptions, 'catalogue'>;

async function main(extras: ServerExtras): Promise<void> {
  turnOffTelemetry();
  const config = readConfig();
  forgetPassword();
  const scrubber = createScrubber(
    secretsOf(config, [
      config.bootstrap.apiKey,
      config.clerk?.secretKey,
      config.clerk?.webhookSecret ?? undefined,
      ...config.oidc.map(({ clientSecret }) => clientSecret ?? undefined),
    ]),
  );
  const logger = openProgramLog({ process: 'server', level: config.logLevel, scrubber, redact: redactedPaths });
  endOnRejections(logger, (error) => {
    logger.fatal({ err: error }, 'a promise was rejected and nobody cared');
    process.exit(1);
  });

  let running: RunningServer | undefined;
  stopOnSignals(logger, async (signal) => {
    logger.info({ signal }, 'server is stopping');
    await running?.stop();
  });

  running = await startServer({ config, logger, scrubber, version: readVersion(), newId: () => uuidv7(), ...extras });
  // First, so that whoever waits for the ready line has it by then.
  if (running.signInUrl !== null) printLine({ signInUrl: running.signInUrl });
  printLine({ ready: true, url: running.url });
}

/** Runs a server in this process until a signal ends it. */
export function runServer(extras: ServerExtras = {}): void {
  runProgram('server', () => main(extras));
}
