import { statement, type Queryable } from '../statement.ts';
import type { SealedSecret } from './rows.ts';

const save = statement<{ allowed: boolean; saved: boolean }>(
  'save-secret',
  `with allowed as materialized (
     select u.id from users u where u.id = $1 and u.removed_at is null and u.role <> 'viewer' for no key update
   ), saved as (
     insert into secrets (user_id, name, hosts, sealed)
     select a.id, $2::varchar, $3::text[], $4::bytea from allowed a
      where (select count(*) from secrets s where s.user_id = a.id and s.name <> $2::varchar) < $5::integer
     on conflict (user_id, name) do update set hosts = excluded.hosts, sealed = excluded.sealed, updated_at = now()
     returning name
   )
   select exists (select from allowed) as allowed, exists (select from saved) as saved`,
);

/**
 * Keeps a secret in the place of an earlier one of its name. `forbidden`: the account was removed, or may not run
 * anything (any more); `full`: it has `most` others.
 */
export async function saveSecret(
  on: Queryable,
  secret: Omit<SealedSecret, 'updatedAt'>,
  most: number,
): Promise<'saved' | 'forbidden' | 'full'> {
  const [row] = await save(on, [secret.userId, secret.name, secret.hosts, secret.sealed, most]);
  if (row?.saved) return 'saved';
  return row?.allowed ? 'full' : 'forbidden';
}

const reseal = statement(
  'reseal-secret',
  `update secrets set sealed = $4 where user_id = $1 and name = $2 and sealed = $3`,
);

/** Puts another sealing of the same secret in place, unless it was changed meanwhile. */
export async function resealSecret(on: Queryable, secret: SealedSecret, sealed: Buffer): Promise<void> {
  await reseal(on, [secret.userId, secret.name, secret.sealed, sealed]);
}
