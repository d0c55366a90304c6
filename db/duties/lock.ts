import { quickAnswerMs, statement, type Queryable } from '../statement.ts';

/*
 * Duties that one process at a time has. Each lock lives as long as the
 * transaction that took it.
 */
const lock = statement<{ locked: boolean }>(
  'lock-duty',
  `select pg_try_advisory_xact_lock(hashtext('heddle-' || $1::text)) as locked`,
);

const lockBriefly = statement<{ locked: boolean }>(
  'lock-sweep',
  `select set_config('idle_in_transaction_session_timeout', $1, true),
          pg_try_advisory_xact_lock(hashtext('heddle-sweep')) as locked`,
);

/**
 * A sweep takes milliseconds. One that stands still, because its process was frozen, loses the lock to the next one;
 * two sweeps at once do no harm.
 */
const longestSweepMs = 3_000;

/** True for the one caller whose transaction may sweep now. */
export async function lockSweep(on: Queryable): Promise<boolean> {
  const [row] = await lockBriefly(on, [String(longestSweepMs)], quickAnswerMs);
  return row?.locked === true;
}

/** One cleaner at a time, for as long as the transaction lives. */
export async function lockCleaning(on: Queryable): Promise<boolean> {
  return (await lock(on, ['clean']))[0]?.locked === true;
}

/** One server measures at a time, for as long as the transaction lives. */
export async function lockMeasuring(on: Queryable): Promise<boolean> {
  return (await lock(on, ['measure']))[0]?.locked === true;
}
