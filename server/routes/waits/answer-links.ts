import type pg from 'pg';
import { keepLinkHashes, type LinkHash } from '../../../db/waits/links.ts';
import type { FoundWait } from '../../../db/waits/rows.ts';
import type { SecretBox } from '../../../providers/secret-box.ts';
import { hashSecret, isSameHash } from '../../auth/secrets.ts';

/**
 * The addresses of questions that whoever has them may answer. What stands in an address follows from SECRETS_KEY and the
 * question alone: it is kept nowhere, and is the same each time that it is shown. Without that key there is no address.
 */
export function createAnswerLinks({
  pool,
  secretBox,
}: {
  readonly pool: pg.Pool;
  readonly secretBox: SecretBox | null;
}): {
  /** Addresses by the ids of questions, of those alone that are open to whoever has them; they work from here on. */
  issue(found: readonly FoundWait[], appUrl: string): Promise<ReadonlyMap<string, string>>;
} {
  return {
    issue: async (found, appUrl) => {
      const urls = new Map<string, string>();
      const fresh: LinkHash[] = [];
      for (const { wait, question, tokenHash } of found) {
        const tokens = tokensOf(secretBox, wait.id);
        const [present] = tokens;
        if (question.byLink !== true || wait.status !== 'open' || present === undefined) continue;
        // An address that was sent before the key was changed goes on to work.
        const known = tokens.find((token) => tokenHash !== null && isSameHash(tokenHash, hashSecret(token)));
        if (known === undefined) fresh.push({ id: wait.id, tokenHash: hashSecret(present) });
        urls.set(wait.id, `${appUrl}/answer/${known ?? present}`);
      }
      await keepLinkHashes(pool, fresh);
      return urls;
    },
  };
}

/** What may stand in the address of a question, as 43 base64url characters: that of the present key first. */
function tokensOf(box: SecretBox | null, waitId: string): readonly string[] {
  return (box?.derive(`answer link ${waitId}`) ?? []).map((bytes) => bytes.toString('base64url'));
}
