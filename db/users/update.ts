import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { holdAddress } from '../hold.ts';
import { withdrawInvitation } from '../invitations/delete.ts';
import { isInvited } from '../invitations/find.ts';
import { findOtherHolder } from './find.ts';

interface ProfileChange {
  /** Lower case. */
  readonly email?: string | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
}

/**
 * Changes what a user is called. `email taken` where another account, removed or
 * not, or an open invitation has the address: it is somebody else's. A change of
 * the address is noted, since nothing proves that it is theirs.
 */
export function updateProfile(db: Db, userId: string, change: ProfileChange): Promise<'changed' | 'email taken'> {
  return db.transaction().execute(async (trx) => {
    const { email } = change;
    if (email !== undefined) {
      await holdAddress(trx, email);
      if (await isTaken(trx, email, userId)) return 'email taken';
    }
    await trx
      .updateTable('users')
      .set((set) => ({
        updated_at: sql<Date>`now()`,
        ...(change.firstName === undefined ? {} : { first_name: change.firstName }),
        ...(change.lastName === undefined ? {} : { last_name: change.lastName }),
        ...(email === undefined
          ? {}
          : {
              email,
              email_changed_at: set
                .case()
                .when('email', '=', email)
                .then(set.ref('email_changed_at'))
                .else(sql<Date>`now()`)
                .end(),
            }),
      }))
      .where('id', '=', userId)
      .where('removed_at', 'is', null)
      .execute();
    return 'changed';
  });
}

/** Gives the owner an address that the operator names; an open invitation of it is withdrawn. */
export async function nameOwner(db: Db, userId: string, email: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await holdAddress(trx, email);
    await withdrawInvitation(trx, email);
    if (await isTaken(trx, email, userId)) return;
    await trx
      .updateTable('users')
      .set({ email, email_verified_at: sql<Date>`now()`, updated_at: sql<Date>`now()` })
      .where('id', '=', userId)
      .execute();
  });
}

/** Whether an invitation or another account has an address. Holds while the address is held. */
async function isTaken(trx: Db, email: string, userId: string): Promise<boolean> {
  // The invitation first: one that is accepted meanwhile has become an account.
  return (await isInvited(trx, email)) || (await findOtherHolder(trx, email, userId)) !== null;
}
