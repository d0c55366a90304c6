import type { Logger } from '../../../core/node-type/executor.ts';
import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import type { Duty } from '../duty.ts';
import type { MeasureContext } from './measure-context.ts';
import { measureFinishedRuns } from './measure-finished-runs.ts';

/*
 * The meter adds up what users keep in the database, aside from the work itself:
 * a run is counted some seconds after its end.
 */

const measureDuties: readonly Duty<MeasureContext>[] = [measureFinishedRuns];

/** Soon enough for a quota, and one quick statement where nothing has ended. */
const everyMs = 5_000;

/** A meter for one server. */
export function createMeter({
  logger,
  ...dependencies
}: Omit<MeasureContext, 'progress'> & { readonly logger: Logger }): DutyRunner {
  return createDutyRunner({
    name: 'measure',
    duties: measureDuties,
    context: { ...dependencies, progress: { since: null } },
    logger,
    everyMs,
    firstAfterMs: everyMs,
  });
}
