import type { RunDetail } from '../../core/api/runs.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';

/** What is about files that were given, or about what was asked for: whoever gave them can do something about it. */
const aboutGiven: ReadonlySet<string> = new Set<ErrorCode>([
  'UNSUPPORTED_MEDIA',
  'FILE_EMPTY',
  'FILE_TOO_LARGE',
  'IMAGE_TOO_MANY_PIXELS',
  'IMAGE_TOO_COSTLY',
  'IMAGE_UNREADABLE',
  'VIDEO_TOO_LONG',
  'VIDEO_TOO_LARGE',
  'VIDEO_UNREADABLE',
  'AUDIO_TOO_LONG',
  'AUDIO_UNREADABLE',
  'PROVIDER_BLOCKED',
]);

/** What is said to whom in place of what a node says. */
const stepFailed = {
  visitor: 'A step of the app has failed. Try again, or ask whoever sent you the link.',
  sender: 'A step of the workflow has failed. Whoever made the webhook sees the reason at this run.',
};

/**
 * Why a run has failed, as somebody without an account reads it: a visitor of a link, or who sends to a webhook. What a node says may name addresses, budgets, secrets and other nodes: only
 * what is about what was given is told, without the node.
 *
 * @param error of the run
 * @param nodes its executions, as far as they are known
 * @param reader who reads it; default: a visitor
 */
export function shownError(
  error: string | null,
  nodes: readonly Pick<RunDetail['nodeExecutions'][number], 'error' | 'errorCode'>[],
  reader: keyof typeof stepFailed = 'visitor',
): string | null {
  // Anything else is said of the run as a whole: it took too long, or was canceled.
  if (error === null || !error.startsWith('Node "')) return error;
  const failed = nodes.find((node) => node.error !== null && error.endsWith(`failed: ${node.error}`));
  return failed?.error != null && aboutGiven.has(failed.errorCode ?? '') ? failed.error : stepFailed[reader];
}
