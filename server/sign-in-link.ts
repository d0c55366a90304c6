import { pino } from 'pino';
import { v7 as newId } from 'uuid';
import { TerminalError } from '../core/errors/app-error.ts';
import { openDatabase } from '../db/client.ts';
import { findOwner, findUserByEmail } from '../db/users/find.ts';
import type { UserRow } from '../db/users/rows.ts';
import type { Db } from '../db/client.ts';
import { createAuditLog } from './audit/audit-log.ts';
import { createSignInLink } from './auth/bootstrap.ts';
import { readConfig, type ServerConfig } from './config.ts';
import { localAddress } from './local-address.ts';

/*
 * The way back in for whoever has the machine but no password: makes a one-time
 * link for an account, writes it into the audit log, and prints it alone on
 * stdout. Run by `heddle sign-in-link`, with the environment of the server.
 */

/** @param email whose link; undefined: the oldest owner's */
export async function makeSignInLink(config: ServerConfig, email: string | undefined): Promise<string> {
  if (config.clerk !== null) {
    throw new TerminalError(
      'AUTH_INVALID',
      'AUTH_MODE is clerk: people sign in there, and links of ours open nothing. Use Clerk.',
    );
  }
  const logger = pino({ level: config.logLevel }, pino.destination(2));
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection was lost');
  const database = openDatabase(config.databaseUrl, { poolSize: 1, applicationName: 'heddle-sign-in-link', onError });
  try {
    const user = await accountOf(database.db, email);
    const link = await createSignInLink(
      database.db,
      user.id,
      config.publicUrl ?? localAddress(config.host, config.port),
    );
    await createAuditLog({ db: database.db, newId, logger }).record({
      action: 'member.sign-in-link',
      actor: null,
      via: 'command-line',
      subject: { type: 'user', id: user.id, name: user.email },
      request: null,
    });
    return link;
  } finally {
    await database.stop();
  }
}

async function accountOf(db: Db, email: string | undefined): Promise<UserRow> {
  const user = email === undefined ? await findOwner(db) : await findUserByEmail(db, email.trim().toLowerCase());
  if (user !== null) return user;
  throw new TerminalError(
    'MEMBER_NOT_FOUND',
    email === undefined
      ? 'There is no owner yet. Start the server once; it makes one.'
      : `There is no account ${email}. An owner can invite it, or leave the address out for a link of the owner.`,
  );
}

/** Prints the link for the account named by the first argument. */
export function runSignInLink(email: string | undefined): void {
  Promise.resolve()
    .then(() => makeSignInLink(readConfig(), email))
    .then((link) => process.stdout.write(`${link}\n`))
    .catch((error: unknown) => {
      process.stderr.write(`heddle sign-in-link: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
