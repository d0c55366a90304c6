import { destination, pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { endProgram } from '../config/end-of-program.ts';
import { scrubbedOutput } from '../config/scrubbed-output.ts';
import { secretsOf } from '../config/secret-values.ts';
import { readVersion } from '../config/version.ts';
import { isTransientDatabaseError } from '../engine/outage.ts';
import { ServicesAwayError } from '../boot/start-when-answered.ts';
import { createScrubber } from '../core/scrub.ts';
import { forgetPassword, readConfig, turnOffTelemetry } from './config.ts';
import { redactedPaths } from './http/request-log.ts';
import { startServer, type RunningServer, type StartOptions } from './start-server.ts';

/*
 * The server process. Its log goes to stderr; stdout carries one JSON line
 * when it is ready and, where everything runs on this machine or no owner could
 * sign in yet, one with the owner's sign-in link.
 */

/** What programs beside the product's own bring along. */
export type ServerExtras = Pick<StartOptions, 'catalogue'>;

async function main(extras: ServerExtras): Promise<void> {
  turnOffTelemetry();
  const config = readConfig();
  forgetPassword();
  const scrubber = createScrubber(
    secretsOf(config, [config.bootstrap.apiKey, config.clerk?.secretKey, config.clerk?.webhookSecret ?? undefined]),
  );
  const logger = pino(
    { level: config.logLevel, base: { process: 'server' }, redact: [...redactedPaths] },
    scrubbedOutput(destination({ dest: 2, sync: true }), scrubber),
  );
  process.on('unhandledRejection', (error) => {
    // Where the queue lives in Postgres, BullMQ asks it things that nobody waits for: an outage there is none of ours.
    if (isTransientDatabaseError(error)) {
      logger.warn({ err: error }, 'the database broke off something nobody waits for');
      return;
    }
    logger.fatal({ err: error }, 'a promise was rejected and nobody cared');
    process.exit(1);
  });

  let running: RunningServer | undefined;
  let isStopping = false;
  const stop = (signal: string) => {
    // A second signal while stopping is impatience: leave at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'server is stopping');
    const done = running?.stop() ?? Promise.resolve();
    void done.then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));

  running = await startServer({ config, logger, scrubber, version: readVersion(), newId: () => uuidv7(), ...extras });
  // First, so that whoever waits for the ready line has it by then.
  if (running.signInUrl !== null) print({ signInUrl: running.signInUrl });
  print({ ready: true, url: running.url });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Runs a server in this process until a signal ends it. */
export function runServer(extras: ServerExtras = {}): void {
  main(extras).catch((error: unknown) => {
    // One plain line; a stack would hide what to do.
    process.stderr.write(`heddle server: ${error instanceof Error ? error.message : String(error)}\n`);
    endProgram(error instanceof ServicesAwayError);
  });
}
