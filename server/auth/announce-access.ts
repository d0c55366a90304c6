import type { ChangedRun } from '../../db/run-sql/result.ts';
import { noticesOf } from '../../engine/announce.ts';
import type { RunTurns } from '../../engine/runs/run-turns.ts';
import type { NoticeChannel } from '../../queue/notice-channel.ts';

/**
 * Tells every server that what a user's credentials are worth has changed, so
 * that live connections are looked at now. A lost notice is made good by the
 * look that each server takes from time to time.
 */
export function announceAccess(notices: Pick<NoticeChannel, 'publish'>, userId: string): Promise<void> {
  return notices.publish([{ kind: 'access', userId }]);
}

/** The same where a right has ended: workers stop the runs that were cancelled with it. */
export async function announceEnd(
  { notices, turns }: { readonly notices: Pick<NoticeChannel, 'publish'>; readonly turns: RunTurns },
  userId: string,
  cancelled: readonly ChangedRun[],
): Promise<void> {
  await announceAccess(notices, userId);
  if (cancelled.length === 0) return;
  turns.ended(cancelled);
  const stops = cancelled.map(({ runId }) => ({ kind: 'stop' as const, runId }));
  await notices.publish([...stops, ...noticesOf(cancelled)]);
}
