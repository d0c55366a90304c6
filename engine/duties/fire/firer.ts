import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import { collectEnds } from './collect-ends.ts';
import type { FireContext } from './fire-context.ts';
import { settleFires } from './settle-fires.ts';
import { startDueFires } from './start-due-fires.ts';
import { trimDeliveries } from './trim-deliveries.ts';
import { takeDue } from './take-due-triggers.ts';

/*
 * The firer starts what triggers are for. Any number of servers do so at once: each step is a guarded statement. Its
 * timer only wakes it; what is due stands in Postgres.
 */

const fireDuties: readonly Duty<FireContext>[] = [takeDue, collectEnds, settleFires, startDueFires, trimDeliveries];

/** A schedule may be due each second. */
const everyMs = 500;

/** A firer for one server, which begins at once. */
export function createFirer(context: FireContext): DutyRunner {
  return createDutyRunner({ name: 'fire', duties: fireDuties, context, logger: context.logger, everyMs });
}
