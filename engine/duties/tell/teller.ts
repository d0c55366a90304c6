import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import { collectMessages } from './collect-messages.ts';
import { sendMessages } from './send-messages.ts';
import type { TellContext } from './tell-context.ts';

/*
 * The teller tells other addresses of runs that have ended. Any number of servers do so at once: what is to be told
 * stands in Postgres until it was taken.
 */

const tellDuties: readonly Duty<TellContext>[] = [collectMessages, sendMessages];

/** Whoever waits for a run that takes seconds hardly notices one more. */
const everyMs = 1_000;

/** A teller for one server, which begins at once. */
export function createTeller(context: TellContext): DutyRunner {
  return createDutyRunner({ name: 'tell', duties: tellDuties, context, logger: context.logger, everyMs });
}
