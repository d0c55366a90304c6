import type pg from 'pg';
import type { Queryable } from './statement.ts';

/**
 * Runs `work` in one transaction on one connection; any error rolls it back and is thrown on.
 *
 * @param answerMs gives up earlier than the pool does where its beginning is not answered
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (connection: Queryable) => Promise<Result>,
  answerMs?: number,
): Promise<Result> {
  const connection: Queryable & pg.PoolClient = await pool.connect();
  let broken: Error | undefined;
  try {
    await connection.query({ text: 'begin', query_timeout: answerMs });
    const result = await work(connection);
    await connection.query('commit');
    return result;
  } catch (error) {
    await connection.query('rollback').catch((reason: unknown) => {
      broken = reason instanceof Error ? reason : new Error(String(reason));
    });
    throw error;
  } finally {
    connection.release(broken);
  }
}
