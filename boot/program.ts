import { destination, pino, type Logger } from 'pino';
import { endProgram } from '../config/end-of-program.ts';
import { scrubbedOutput } from '../config/scrubbed-output.ts';
import type { Scrubber } from '../core/scrub.ts';
import { isTransientDatabaseError } from '../engine/outage.ts';
import { ServicesAwayError } from './start-when-answered.ts';

/*
 * What the server's and the worker's process have in common. Their logs go to
 * stderr; stdout carries lines of JSON for whoever started them.
 */

/** The log of a program: JSON lines on stderr, without secrets. */
export function openProgramLog(options: {
  /** As each line names the process. */
  readonly process: 'server' | 'worker';
  readonly level: string;
  readonly scrubber: Scrubber;
  /** Paths of fields that are never written. */
  readonly redact?: readonly string[];
}): Logger {
  return pino(
    { level: options.level, base: { process: options.process }, redact: [...(options.redact ?? [])] },
    scrubbedOutput(destination({ dest: 2, sync: true }), options.scrubber),
  );
}

/** Ends the program where a promise was rejected and nobody cared; `die` says so. */
export function endOnRejections(logger: Logger, die: (error: unknown) => void): void {
  process.on('unhandledRejection', (error) => {
    // Where the queue lives in Postgres, BullMQ asks it things that nobody waits for: an outage there is none of ours.
    if (isTransientDatabaseError(error)) {
      logger.warn({ err: error }, 'the database broke off something nobody waits for');
    } else {
      die(error);
    }
  });
}

/**
 * Stops the program in order on SIGTERM and SIGINT and ends it with 0, or with 1
 * where stopping failed; a second signal ends it at once.
 */
export function stopOnSignals(logger: Logger, stop: (signal: string) => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: string) => {
    // A second one while stopping is impatience.
    if (isStopping) process.exit(1);
    isStopping = true;
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error, signal }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  process.on('SIGINT', () => onSignal('SIGINT'));
}

/** One line of JSON on stdout. */
export function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Runs a program; where it cannot start, one plain line says why. */
export function runProgram(name: 'server' | 'worker', main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    // A stack would hide what to do.
    process.stderr.write(`heddle ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    endProgram(error instanceof ServicesAwayError);
  });
}
