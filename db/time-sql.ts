import { sql, type RawBuilder } from 'kysely';

/** The moment so many milliseconds before now, by the clock of the database. */
export function ago(ms: number): RawBuilder<Date> {
  return sql<Date>`now() - make_interval(secs => ${ms}::double precision / 1000)`;
}

/** The moment in so many milliseconds, by the clock of the database. */
export function fromNow(ms: number): RawBuilder<Date> {
  return sql<Date>`now() + make_interval(secs => ${ms}::double precision / 1000)`;
}
