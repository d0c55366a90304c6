import type { Db } from '../client.ts';
import { holdAccount } from '../hold.ts';
import { queryableOf } from '../queryable.ts';
import { statement, type Queryable } from '../statement.ts';
import type { SealedSecret } from './rows.ts';

const save = statement<{ name: string }>(
  'save-secret',
  `insert into secrets (user_id, name, hosts, sealed)
   select $1::varchar, $2::varchar, $3::text[], $4::bytea
    where (select count(*) from secrets s where s.user_id = $1::varchar and s.name <> $2::varchar) < $5::integer
   on conflict (user_id, name) do update set hosts = excluded.hosts, sealed = excluded.sealed, updated_at = now()
   returning name`,
);

/**
 * Keeps a secret in the place of an earlier one of its name. `forbidden`: the account was removed, or may not run
 * anything (any more); `full`: it has `most` others.
 */
export function saveSecret(
  db: Db,
  secret: Omit<SealedSecret, 'updatedAt'>,
  most: number,
): Promise<'saved' | 'forbidden' | 'full'> {
  return db.transaction().execute(async (trx) => {
    // A statement of its own: what is counted below is counted after others who hold the account have committed.
    const role = await holdAccount(trx, secret.userId);
    if (role === null || role === 'viewer') return 'forbidden';
    const rows = await save(queryableOf(trx), [secret.userId, secret.name, secret.hosts, secret.sealed, most]);
    return rows.length > 0 ? 'saved' : 'full';
  });
}

const reseal = statement(
  'reseal-secret',
  `update secrets set sealed = $4 where user_id = $1 and name = $2 and sealed = $3`,
);

/** Puts another sealing of the same secret in place, unless it was changed meanwhile. */
export async function resealSecret(on: Queryable, secret: SealedSecret, sealed: Buffer): Promise<void> {
  await reseal(on, [secret.userId, secret.name, secret.sealed, sealed]);
}
