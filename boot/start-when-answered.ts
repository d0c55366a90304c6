import { setTimeout as sleep } from 'node:timers/promises';
import { TerminalError } from '../core/errors/app-error.ts';
import { systemCodeOf } from '../core/errors/system-code.ts';
import type { Logger } from '../core/node-type/executor.ts';
import { isTransientDatabaseError } from '../engine/outage.ts';

/** The services that a program needs were away for as long as it waited. */
export class ServicesAwayError extends TerminalError {
  constructor(reason: string, waitedMs: number) {
    super(
      'SERVICE_UNAVAILABLE',
      `Postgres could not be used for ${Math.round(waitedMs / 1_000)} s: ${reason}. Start it, or check DATABASE_URL.`,
    );
  }
}

/** How long a start waits for Postgres, and who is told. */
export interface WaitingStart {
  readonly logger: Logger;
  /** For a Postgres that says that it is starting or recovering, which may take a large one minutes. Default 120,000 ms. */
  readonly forMs?: number;
  /** For one that says nothing: it is being started, or the address is wrong. Default 10,000 ms. */
  readonly silentForMs?: number;
  /** Between two tries, in milliseconds. Default 500. */
  readonly pauseMs?: number;
}

const defaultForMs = 120_000;
const defaultSilentForMs = 10_000;
const defaultPauseMs = 500;
/** It says again so often that it waits. */
const sayEveryMs = 10_000;

/**
 * Opens what a program consists of. Where Postgres is starting, recovering,
 * shutting down or not there at the moment, it is opened again until that works,
 * with words in the log; anything else (a wrong password, a database that does
 * not exist) is thrown at once.
 *
 * @param open leaves nothing open where it fails
 */
export async function startWhenAnswered<Opened>(
  open: () => Promise<Opened>,
  { logger, forMs = defaultForMs, silentForMs = defaultSilentForMs, pauseMs = defaultPauseMs }: WaitingStart,
): Promise<Opened> {
  const startedAt = performance.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isTransientDatabaseError(error)) throw error;
      const now = performance.now();
      const limitMs = isAnswer(error) ? forMs : Math.min(forMs, silentForMs);
      if (now - startedAt + pauseMs > limitMs) throw new ServicesAwayError(reasonOf(error), now - startedAt);
      if (now - saidAt >= sayEveryMs) {
        logger.warn({ err: error }, 'Postgres cannot be used yet; the start waits for it');
        saidAt = now;
      }
      await sleep(pauseMs);
    }
  }
}

/** Whether Postgres itself said so: with an SQLSTATE, which begins with a digit. */
function isAnswer(error: unknown): boolean {
  return /^\d/.test(systemCodeOf(error));
}

/** A refused connection to several addresses of one name is one error without words. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
