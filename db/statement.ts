import type pg from 'pg';

/** A pool, or one connection of it inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
}

/**
 * A statement that each connection parses and plans once, under its name. The
 * engine's verbs are written this way: they run thousands of times a second.
 *
 * @param name unique within the program; at most 63 characters
 */
export function statement<Row extends pg.QueryResultRow>(
  name: string,
  text: string,
): (on: Queryable, values: readonly unknown[]) => Promise<Row[]> {
  return async (on, values) => (await on.query<Row>({ name, text, values: [...values] })).rows;
}

/** Serializes a batch for `jsonb_to_recordset`. */
export function batchOf(rows: readonly object[]): string {
  return JSON.stringify(rows);
}

/** The runs of a batch, each once. */
export function runIdsOf(rows: readonly { readonly runId: string }[]): string[] {
  return [...new Set(rows.map((row) => row.runId))];
}

export function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map((row) => row.id);
}
