import { createPostgresBackend } from 'bullmq';
import { beginAtOnce } from './begin-at-once.ts';

/*
 * Two things that BullMQ's Postgres backend leaves to luck:
 *
 * - Its first look at the schema is remembered also where it failed, so a queue
 *   or consumer that was opened while Postgres was away would refuse everything
 *   for ever.
 * - A consumer learns of new jobs by NOTIFY, on a connection that it never uses
 *   otherwise. One that vanished without a word leaves it deaf: until the next
 *   delayed job is due, which may be an hour.
 */

/** A consumer looks for itself this often, in seconds: one indexed query for each queue. */
export const consumerLooksEvery = 1;

/** BullMQ's Postgres backend, which tries again and looks for itself. */
export const createLastingPostgresBackend: typeof createPostgresBackend = (name, options, factoryOptions) => {
  const backend = beginAtOnce(createPostgresBackend(name, options, factoryOptions));
  const { connection } = backend;
  const waitUntilReady = connection.waitUntilReady.bind(connection);
  connection.waitUntilReady = async () => {
    try {
      await waitUntilReady();
    } catch (error) {
      connection['readyPromise'] = undefined;
      throw error;
    }
  };
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: consumerLooksEvery });
  return backend;
};
