import type { ChangedRun } from '../../db/run-sql/result.ts';
import { noticesOf } from '../../engine/announce.ts';
import type { RunTurns } from '../../engine/runs/run-turns.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';
import type { KnownCredentials } from './known-credentials.ts';

/** What a change of somebody's rights is told with. */
export interface Announcing {
  readonly notices: Pick<NoticeChannel, 'publish'>;
  readonly credentials: Pick<KnownCredentials, 'forget'>;
}

/**
 * Tells every server that what a user's credentials are worth has changed, so
 * that what is known of them is forgotten and live connections are looked at
 * now. A lost notice is made good by the look that each server takes from time to time.
 */
export function announceAccess({ notices, credentials }: Announcing, userId: string): Promise<void> {
  // Here at once: whoever made the change finds it done with the answer.
  credentials.forget(userId);
  return notices.publish([{ kind: 'access', userId }]);
}

/** The same where a right has ended: workers stop the runs that were cancelled with it. */
export async function announceEnd(
  { turns, ...announcing }: Announcing & { readonly turns: RunTurns },
  userId: string,
  cancelled: readonly ChangedRun[],
): Promise<void> {
  await announceAccess(announcing, userId);
  if (cancelled.length === 0) return;
  turns.ended(cancelled);
  const stops = cancelled.map(({ runId }) => ({ kind: 'stop' as const, runId }));
  await announcing.notices.publish([...stops, ...noticesOf(cancelled)]);
}
