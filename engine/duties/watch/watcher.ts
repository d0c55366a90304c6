import { createDutyRunner, type DutyRunner } from '../duty-runner.ts';
import { takeNewFiles } from './take-new-files.ts';
import type { WatchContext } from './watch-context.ts';

/*
 * The watcher looks for new files that triggers are about. It has rounds of its own: to read a large file takes as long as
 * it takes, and schedules do not wait for that.
 */

/** How often it is asked whose folder is to be looked into. */
const everyMs = 1_000;

/** A watcher for one server. */
export function createWatcher(context: WatchContext): DutyRunner {
  return createDutyRunner({ name: 'watch', duties: [takeNewFiles], context, logger: context.logger, everyMs });
}
