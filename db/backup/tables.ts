import { sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';

/** A table as it is copied. */
export interface TableShape {
  readonly name: string;
  /** In the order of the table. */
  readonly columns: readonly string[];
}

/**
 * What a backup leaves out: facts about processes that are gone by the time it
 * is restored, and what the migrations fill in themselves.
 */
const passing: readonly string[] = [
  'workers',
  'rate_buckets',
  'asset_reservations',
  'invariant_checks',
  'kysely_migration',
  'kysely_migration_lock',
];

/** The tables with their columns, each after those that it refers to. */
export async function listTables(transaction: Transaction<Database>): Promise<TableShape[]> {
  const { rows: tables } = await sql<TableShape & { readonly needs: string[] }>`
    select t.relname as name,
           array(select a.attname::text from pg_attribute a
                  where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
           array(select r.relname::text from pg_constraint c join pg_class r on r.oid = c.confrelid
                  where c.conrelid = t.oid and c.contype = 'f' and c.confrelid <> t.oid) as needs
      from pg_class t
     where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p') and not t.relispartition
       and t.relname <> all (${passing})
     order by t.relname collate "C"`.execute(transaction);
  const ordered: TableShape[] = [];
  const done = new Set<string>(passing);
  while (ordered.length < tables.length) {
    const ready = tables.filter(({ name, needs }) => !done.has(name) && needs.every((other) => done.has(other)));
    if (ready.length === 0) throw new Error('Tables refer to each other in a circle; a backup cannot order them.');
    for (const { name, columns } of ready) {
      done.add(name);
      ordered.push({ name, columns });
    }
  }
  return ordered;
}

/** A table or column in a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `table (column, column)`. */
export function target({ name, columns }: TableShape): string {
  return `public.${quoted(name)} (${columns.map(quoted).join(', ')})`;
}

/** All rows of a table, also of one that is kept in parts. */
export function rowsOf({ name, columns }: TableShape): string {
  return `select ${columns.map(quoted).join(', ')} from public.${quoted(name)}`;
}
