import { CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { Db } from './client.ts';
import type { Queryable } from './statement.ts';

/** A transaction of the query builder as statements take it. */
export function queryableOf(trx: Db): Queryable {
  return {
    query: async <Row extends pg.QueryResultRow>({ text, values }: pg.QueryConfig) => {
      const { rows } = await trx.executeQuery<Row>(CompiledQuery.raw(text, values ?? []));
      return { rows };
    },
  };
}
