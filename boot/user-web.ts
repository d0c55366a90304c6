import type pg from 'pg';
import { TerminalError } from '../core/errors/app-error.ts';
import type { Logger } from '../core/node-type/executor.ts';
import type { Secret, WebTools } from '../core/node-type/web-tools.ts';
import type { Scrubber } from '../core/scrub.ts';
import { findSecrets, listAllSecrets } from '../db/secrets/list.ts';
import { resealSecret } from '../db/secrets/save.ts';
import type { WebRequester } from '../net/web-requester.ts';
import { secretBinding, type SecretBox } from '../providers/secret-box.ts';

interface UserWebDependencies {
  readonly pool: pg.Pool;
  /** Null where the operator has set no key: then no user has a secret. */
  readonly box: SecretBox | null;
  readonly requester: WebRequester;
  /** Learns every secret that is used, so that it is hidden wherever something is written down. */
  readonly scrubber: Scrubber;
  readonly logger: Logger;
}

/** The web for the nodes of one user. The only place where secrets are opened; each goes to the hosts it was saved for. */
export function createUserWeb({
  pool,
  box,
  requester,
  scrubber,
  logger,
}: UserWebDependencies): (userId: string) => WebTools {
  return (userId) => ({
    request: requester.request,
    listen: requester.listen,
    async secrets(names) {
      const opened = new Map<string, Secret>();
      if (names.length === 0) return opened;
      for (const secret of box === null ? [] : await findSecrets(pool, userId, [...new Set(names)])) {
        const { name, hosts } = secret;
        const value = box?.open(secret.sealed, secretBinding(secret)) ?? null;
        if (value === null) {
          logger.error({ userId, secret: name }, 'a stored secret does not open');
          continue;
        }
        scrubber.add(value);
        opened.set(name, { name, value, hosts });
      }
      const missing = names.find((name) => !opened.has(name));
      if (missing === undefined) return opened;
      throw new TerminalError(
        'SECRET_NOT_FOUND',
        `You have no secret "${missing}". Save it under Settings, Your secrets, or choose another one.`,
        { details: { secret: missing } },
      );
    },
  });
}

/** Seals with the present key what is still sealed with the old one. Gives how many. */
export async function resealSecrets(pool: pg.Pool, box: SecretBox): Promise<number> {
  let count = 0;
  for (const secret of await listAllSecrets(pool)) {
    if (box.isCurrent(secret.sealed)) continue;
    const value = box.open(secret.sealed, secretBinding(secret));
    if (value === null) continue;
    await resealSecret(pool, secret, box.seal(value, secretBinding(secret)));
    count += 1;
  }
  return count;
}
