import type { NoticeChannel } from '../../queue/notice-channel.ts';

/**
 * Tells every server that what a user's credentials are worth has changed, so
 * that live connections are looked at now. A lost notice is made good by the
 * look that each server takes from time to time.
 */
export function announceAccess(notices: Pick<NoticeChannel, 'publish'>, userId: string): Promise<void> {
  return notices.publish([{ kind: 'access', userId }]);
}
