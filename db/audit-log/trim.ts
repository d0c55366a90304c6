import { sql } from 'kysely';
import type { Db } from '../client.ts';

/** Of all lines, for acts of nobody who was signed in: whoever comes from many networks has many shares. */
const strangersPart = 1 / 4;

/** Shares as they are named in `audit_log.share`, and which of them are of no account. */
const strangers = 'network %';

/**
 * Keeps `most` lines. Of those of strangers the oldest go beyond a quarter; of the
 * others each share keeps what all can have, so whoever has many loses the oldest of
 * their own and nobody else loses any. Returns how many went. Relies on audit_log_share.
 */
export async function trimAuditLog(db: Db, most: number): Promise<number> {
  const shares = await db
    .selectFrom('audit_log')
    .select([
      'share',
      sql<number>`count(*)::integer`.as('lines'),
      sql<boolean>`share like ${strangers}`.as('isStranger'),
    ])
    .groupBy('share')
    .execute();
  const total = (of: readonly { lines: number }[]) => of.reduce((sum, { lines }) => sum + lines, 0);
  if (total(shares) <= most) return 0;
  const known = shares.filter(({ isStranger }) => !isStranger);
  const strange = total(shares) - total(known);
  const strangeKept = Math.min(strange, Math.floor(most * strangersPart));
  let gone = await deleteOldest(db, sql<boolean>`share like ${strangers}`, strange - strangeKept);
  const level = levelOf(
    known.map(({ lines }) => lines),
    most - strangeKept,
  );
  for (const { share, lines } of known) {
    if (lines > level) gone += await deleteOldest(db, sql<boolean>`share = ${share}`, lines - level);
  }
  return gone;
}

/** What each may have so that together they have `room` at most. */
function levelOf(lines: readonly number[], room: number): number {
  const sorted = lines.toSorted((one, other) => one - other);
  let left = room;
  for (const [at, count] of sorted.entries()) {
    const each = Math.floor(left / (sorted.length - at));
    if (count > each) return each;
    left -= count;
  }
  return Infinity;
}

/** Lines that go in one statement: a moment's work. */
const linesAtOnce = 5_000;

async function deleteOldest(db: Db, of: ReturnType<typeof sql<boolean>>, count: number): Promise<number> {
  let gone = 0;
  for (let deleted = Infinity; gone < count && deleted > 0; gone += deleted) {
    const most = Math.min(linesAtOnce, count - gone);
    const { numDeletedRows } = await db
      .deleteFrom('audit_log')
      .where('id', 'in', (from) =>
        from.selectFrom('audit_log').select('id').where(of).orderBy('at').orderBy('id').limit(most),
      )
      .executeTakeFirst();
    deleted = Number(numDeletedRows);
  }
  return gone;
}
