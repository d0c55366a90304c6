import { sql, type Kysely } from 'kysely';

/*
 * Elements of a region that failed are gone through again while it is under way: `again` says how many are still to be, and
 * `retried` how many ever were. The part that failed makes room for the new one by a place below zero. An earlier version
 * does not know of it, and leaves these elements out: update workers before servers.
 */
const statement = `alter table run_regions
  add column again integer not null default 0 check (again >= 0), add column retried integer not null default 0`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
