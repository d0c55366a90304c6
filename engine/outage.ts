/** Error codes of Postgres and of sockets that mean: the database is away, ask again. */
const outageCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  // its machine or container is away
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  // idle_in_transaction_session_timeout
  '25P03',
  // insufficient_resources, disk_full, out_of_memory
  '53000',
  '53100',
  '53200',
  // too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now
  '53300',
  '57P01',
  '57P02',
  '57P03',
  // connection exceptions
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  // serialization_failure, deadlock_detected, lock_not_available, query_canceled (statement timeout)
  '40001',
  '40P01',
  '55P03',
  '57014',
]);

/** Whether a lock was waited for in vain. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '55P03';
}

/** Messages of node-postgres for broken connections, which carry no code. */
const outageMessage =
  /timeout exceeded when trying to connect|Connection terminated|connection error|Query read timeout|not queryable/i;

/** Whether the same statement may well succeed a moment later. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && outageCodes.has(code)) return true;
  if (error instanceof AggregateError && error.errors.some(isTransientDatabaseError)) return true;
  return outageMessage.test(error.message) || (error.cause !== undefined && isTransientDatabaseError(error.cause));
}

/**
 * Classes of SQLSTATE that speak of the data: cardinality, data exceptions, broken constraints, and what is too much for
 * the program. The same data is refused again however often it is sent.
 */
const refusedClass = /^(?:21|22|23|54)[0-9A-Z]{3}$/;

/** Whether Postgres answered that it does not take this data. */
export function isRefusedData(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && refusedClass.test(code);
}

/** For batches: anything but an outage may be the fault of one item alone. */
export function mayBeOneItem(error: unknown): boolean {
  return !isTransientDatabaseError(error);
}

/** How long something is tried again. */
export interface PersistOptions {
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
  /** Milliseconds to keep trying. */
  readonly forMs: number;
  readonly onRetry?: (error: unknown) => void;
}

/** Waits of 50 ms doubling to 1 s: a restart of Postgres takes about that long. */
const firstWaitMs = 50;
const longestWaitMs = 1_000;

/** Repeats `work` while the database is away; throws the last error when the time is over. */
export async function persist<Result>(work: () => Promise<Result>, options: PersistOptions): Promise<Result> {
  const endsAt = performance.now() + options.forMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await work();
    } catch (error) {
      const isOver = performance.now() + waitMs > endsAt || options.signal?.aborted === true;
      if (isOver || !isTransientDatabaseError(error)) throw error;
      options.onRetry?.(error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
