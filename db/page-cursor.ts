import { sql, type RawBuilder } from 'kysely';

/** Where a page ends: the sort value of its last row as exact text, and the row's id. */
export interface PageCursor {
  readonly value: string;
  readonly id: string;
}

/** A part of a list, and where the next one begins. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly next: PageCursor | null;
}

/** A timestamp as text with microseconds: a `Date` would lose them and a page would skip rows. */
export function exactTime(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/**
 * Cuts the one row too many that a page query reads to learn whether more
 * follow. `cursorOf` names a row's place.
 */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => PageCursor,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(itemOf), next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
