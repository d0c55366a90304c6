import { sql } from 'kysely';
import type { UserRole } from '../../core/api/auth.ts';
import type { Invitation } from '../../core/api/members.ts';
import type { Db } from '../client.ts';
import { holdAccount, holdAddress } from '../hold.ts';
import { endOf } from '../members/end-access.ts';

export interface NewInvitation {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  readonly role: UserRole;
  /** SHA-256 of the link's token. */
  readonly tokenHash: Buffer;
  readonly invitedBy: string;
  readonly ttlMs: number;
}

const columns = ['id', 'email', 'role', 'created_at as createdAt', 'expires_at as expiresAt'] as const;

interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: UserRole;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

function invitationOf({ createdAt, expiresAt, ...row }: InvitationRow): Invitation {
  return { ...row, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

/** Whether an invitation that can still be accepted has the address. */
export async function isInvited(db: Db, email: string): Promise<boolean> {
  const row = await db
    .selectFrom('invitations')
    .select('id')
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row !== undefined;
}

/** Withdraws the open invitation of an address. Call it in the transaction that gives the address to an account. */
export async function withdrawInvitation(trx: Db, email: string): Promise<void> {
  await trx.deleteFrom('invitations').where('email', '=', email).where('accepted_at', 'is', null).execute();
}

/**
 * Stores an invitation; an open one for the same address is withdrawn by it.
 * `email taken` where the address has an account already, `no owner` where who
 * invites is none any more.
 */
export async function insertInvitation(
  db: Db,
  invitation: NewInvitation,
): Promise<Invitation | 'email taken' | 'no owner'> {
  return db.transaction().execute(async (trx) => {
    await holdAddress(trx, invitation.email);
    if ((await holdAccount(trx, invitation.invitedBy)) !== 'owner') return 'no owner';
    const user = await trx
      .selectFrom('users')
      .select('id')
      .where('email', '=', invitation.email)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (user !== undefined) return 'email taken';
    await withdrawInvitation(trx, invitation.email);
    const row = await trx
      .insertInto('invitations')
      .values({
        id: invitation.id,
        email: invitation.email,
        role: invitation.role,
        token_hash: invitation.tokenHash,
        invited_by: invitation.invitedBy,
        expires_at: sql<Date>`now() + make_interval(secs => ${invitation.ttlMs}::double precision / 1000)`,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
    return invitationOf(row);
  });
}

/** The invitations that can still be accepted, newest first. */
export async function listInvitations(db: Db): Promise<Invitation[]> {
  const rows = await db
    .selectFrom('invitations')
    .select(columns)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(invitationOf);
}

/** The open invitation of a token, or null. */
export async function findInvitation(db: Db, tokenHash: Buffer): Promise<Invitation | null> {
  const row = await db
    .selectFrom('invitations')
    .select(columns)
    .where('token_hash', '=', tokenHash)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row === undefined ? null : invitationOf(row);
}

/** Withdraws an open invitation and returns its address; null where there is none. */
export async function deleteInvitation(db: Db, id: string): Promise<string | null> {
  const row = await db
    .deleteFrom('invitations')
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .returning('email')
    .executeTakeFirst();
  return row?.email ?? null;
}

export interface NewMember {
  /** For an account that is new. */
  readonly userId: string;
  readonly passwordHash: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/**
 * Uses an invitation up and makes its account, in one transaction. An account
 * of that address that was removed comes back with what it made. Null where the
 * invitation is used, withdrawn or too old, or the address has an account.
 */
export async function acceptInvitation(
  db: Db,
  tokenHash: Buffer,
  member: NewMember,
): Promise<{ userId: string; email: string; role: UserRole } | null> {
  const found = await findInvitation(db, tokenHash);
  if (found === null) return null;
  return db.transaction().execute(async (trx) => {
    await holdAddress(trx, found.email);
    const invitation = await trx
      .updateTable('invitations')
      .set({ accepted_at: sql<Date>`now()` })
      .where('token_hash', '=', tokenHash)
      .where('accepted_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning(['email', 'role'])
      .executeTakeFirst();
    if (invitation === undefined) return null;
    const { email, role } = invitation;
    const values = {
      role,
      password_hash: member.passwordHash,
      first_name: member.firstName,
      last_name: member.lastName,
    };
    const row = await trx
      .insertInto('users')
      .values({ id: member.userId, email, ...values })
      .onConflict((conflict) =>
        conflict
          .column('email')
          .doUpdateSet({ ...values, removed_at: null, updated_at: sql<Date>`now()` })
          .where('users.removed_at', 'is not', null),
      )
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return null;
    // Nothing of an account that comes back opens a door that was shut when it was removed.
    if (row.id !== member.userId) await endOf(trx, row.id, ['account']);
    return { userId: row.id, email, role };
  });
}
