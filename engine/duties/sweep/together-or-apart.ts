import type { Logger } from '../../../core/node-type/executor.ts';
import { isRefusedData } from '../../outage.ts';

/**
 * Does `work` for all items at once or, where the database refuses the data of one, for each alone: it must not hold up
 * the others. One that is refused alone is told to the log. Other errors are thrown.
 */
export async function togetherOrApart<Item>(
  items: readonly Item[],
  logger: Logger,
  work: (some: readonly Item[]) => Promise<void>,
): Promise<void> {
  if (items.length === 0) return;
  try {
    await work(items);
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    if (items.length === 1)
      logger.error({ err: error, refused: items[0] }, 'the database refused a record of the sweep');
    else for (const item of items) await togetherOrApart([item], logger, work);
  }
}
