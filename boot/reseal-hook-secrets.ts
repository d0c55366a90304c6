import type pg from 'pg';
import { listSealed, resealed, sealedKinds } from '../db/triggers/sealed.ts';
import { hookBinding, type SecretBox } from '../providers/secret-box.ts';

/** Seals with the present key what is still sealed with the old one: secrets of webhooks and callbacks. Gives how many. */
export async function resealHookSecrets(pool: pg.Pool, box: SecretBox): Promise<number> {
  let count = 0;
  for (const kind of sealedKinds) {
    for (const { id, sealed } of await listSealed(pool, kind)) {
      if (box.isCurrent(sealed)) continue;
      const secret = box.open(sealed, hookBinding(kind, id));
      if (secret === null) continue;
      await resealed(pool, kind, id, { from: sealed, to: box.seal(secret, hookBinding(kind, id)) });
      count += 1;
    }
  }
  return count;
}
