import type pg from 'pg';
import { storable, storableText } from '../core/storable-text.ts';

/** A query that is given up, with its connection, when no answer has come in time. */
export interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout?: number | undefined;
}

/** A pool, or one connection of it inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: TimedQuery): Promise<Pick<pg.QueryResult<Row>, 'rows'>>;
}

/**
 * A statement that each connection parses and plans once, under its name. The
 * engine's verbs are written this way: they run thousands of times a second.
 *
 * `answerMs` gives it up earlier than the pool does.
 *
 * @param name unique within the program; at most 63 characters
 *
 * @example
 * const ofUser = statement<{ id: string }>('list-key-ids', 'select id from api_keys where user_id = $1');
 * const rows = await ofUser(pool, [userId]);
 */
export function statement<Row extends pg.QueryResultRow>(
  name: string,
  text: string,
): (on: Queryable, values: readonly unknown[], answerMs?: number) => Promise<Row[]> {
  return async (on, values, answerMs) =>
    (await on.query<Row>({ name, text, values: [...values], query_timeout: answerMs })).rows;
}

/**
 * Claims and records are given up so soon, and sent again on another connection: a network that vanished without a word
 * must not cost more than the lease. Longer than any lock is waited for.
 */
export const hotAnswerMs = 6_000;

/** The same for what touches a row or none and waits for no lock: the renewal of a lease, the first steps of a sweep. */
export const quickAnswerMs = 3_000;

/** U+0000 and lone halves of surrogate pairs, as JSON.stringify writes them. */
const unstorable = /\\u(?:0000|d[89a-f])/;

/** Serializes a batch for `jsonb_to_recordset`. Text that Postgres would refuse is made such that it can be stored. */
export function batchOf(rows: readonly object[]): string {
  return storableJson(JSON.stringify(rows));
}

/** The same for JSON that is written already. */
export function storableJson(json: string): string {
  return unstorable.test(json) ? JSON.stringify(storable(JSON.parse(json))) : json;
}

/** Longer messages of node executions are cut: they are copied into events and into what their run says. */
const maxMessageCharacters = 2_000;

/** A message as it is stored with a node execution, whoever wrote it. */
export function storedMessage(message: string): string {
  return storableText(message, maxMessageCharacters);
}

/** The runs of a batch, each once. */
export function runIdsOf(rows: readonly { readonly runId: string }[]): string[] {
  return [...new Set(rows.map((row) => row.runId))];
}

/** The ids of a batch, in its order. */
export function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map((row) => row.id);
}
