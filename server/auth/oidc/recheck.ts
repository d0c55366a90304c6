import type { Logger } from '../../../core/node-type/executor.ts';
import { findOidcSession } from '../../../db/oidc-sessions/find.ts';
import { postponeRecheck, replaceRefreshToken, takeRecheck } from '../../../db/oidc-sessions/recheck.ts';
import type { ChangedRun } from '../../../db/run-sql/result.ts';
import { deleteSession } from '../../../db/sessions/delete.ts';
import type { OidcClient } from './oidc-client.ts';
import type { OidcProvider } from './settings.ts';
import { admitPerson, sealToken, tokenBinding, type OidcSignInDependencies } from './oidc-sign-in.ts';

/** Silence about groups takes nothing away. */
const decidesByGroups = ({ roles, workspaces }: OidcProvider) => roles !== null || Object.keys(workspaces).length > 0;

/** Whether a session that is due still counts, asked of its provider. */
export type SessionRecheck = (sessionId: string) => Promise<boolean>;

/** A provider that could not be reached is asked again after so long. */
const retryMs = 60_000;
/** A token to ask with is good once: two servers do not ask at the same time. */
const leastRecheckMs = 1_000;

interface RecheckDependencies extends OidcSignInDependencies {
  readonly clients: ReadonlyMap<string, OidcClient>;
  readonly logger: Logger;
  /** Hears that somebody's rights have changed; awaited. */
  readonly onChanged: (userId: string, cancelled: readonly ChangedRun[]) => Promise<void>;
}

/**
 * Asks the provider about a session: is the person still there, and in which groups. A session of a provider that is not
 * configured any more ends; one without a token to ask with lasts until its time; a provider that cannot be reached ends
 * nothing. Requests of one session that come at once ask together.
 */
export function createSessionRecheck(deps: RecheckDependencies): SessionRecheck {
  const { db, clients, secretBox, logger, onChanged } = deps;
  const asked = new Map<string, Promise<boolean>>();

  async function end(userId: string, sessionId: string): Promise<false> {
    await deleteSession(db, userId, sessionId);
    await onChanged(userId, []);
    return false;
  }

  async function ask(sessionId: string): Promise<boolean> {
    const session = await findOidcSession(db, sessionId);
    if (session === null) return false;
    const { provider, subject, userId, sealedRefreshToken } = session;
    const client = clients.get(provider);
    if (client === undefined) return end(userId, sessionId);
    // Another server asks meanwhile, and ends it where it has to.
    const nextMs = Math.max(leastRecheckMs, client.provider.recheckMinutes * 60_000);
    if (!(await takeRecheck(db, sessionId, nextMs))) return true;
    if (sealedRefreshToken === null) return true;
    const token = secretBox?.open(sealedRefreshToken, tokenBinding(provider, subject)) ?? null;
    if (token === null) return end(userId, sessionId);
    try {
      const person = await client.refresh(token, subject);
      if (person === null) return await end(userId, sessionId);
      const sealed = sealToken(secretBox, provider, person);
      if (sealed !== null) await replaceRefreshToken(db, sessionId, sealed);
      if (person.groups === null && decidesByGroups(client.provider)) return true;
      const admitted = await admitPerson(deps, client, person);
      if ('reason' in admitted) {
        await onChanged(userId, admitted.runs);
        return false;
      }
      if (admitted.isRoleChanged) await onChanged(userId, admitted.runs);
      return true;
    } catch (error) {
      logger.warn({ err: error, provider }, 'an identity provider could not be asked about a session; it goes on');
      await postponeRecheck(db, sessionId, retryMs);
      return true;
    }
  }

  return (sessionId) => {
    const running = asked.get(sessionId);
    if (running !== undefined) return running;
    const asking = ask(sessionId).finally(() => asked.delete(sessionId));
    asked.set(sessionId, asking);
    return asking;
  };
}
