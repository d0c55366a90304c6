import type { AppLink } from '../../../core/api/links.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import type { LinkRow } from '../../../db/links/rows.ts';

/** A link as members of its workspace see it; its address is not among it. */
export function shownLink(link: LinkRow, now: Date): AppLink {
  const { userId: _owner, createdBy: _maker, expiresAt, createdAt, lastRunAt, inputs, fixed, ...rest } = link;
  return {
    ...rest,
    state: stateOf(link, now),
    inputs: inputs === null ? null : [...inputs],
    fixed: { ...fixed },
    expiresAt: expiresAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    lastRunAt: lastRunAt?.toISOString() ?? null,
  };
}

function stateOf({ enabled, expiresAt, maxRuns, runs }: LinkRow, now: Date): AppLink['state'] {
  if (!enabled) return 'off';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return maxRuns !== null && runs >= maxRuns ? 'used-up' : 'open';
}

/** The same answer for a link that does not exist and for one of somebody else's workflow. */
export function linkNotFound(id: string): TerminalError {
  return new TerminalError('LINK_NOT_FOUND', `There is no link ${id}. Choose one from the list of its workflow.`);
}

/** The same for an address that nobody has, and for a link that was revoked, has expired or is used up. */
export function linkEnded(): TerminalError {
  return new TerminalError(
    'LINK_NOT_FOUND',
    'This link does not work: it was mistyped, has expired or was used up. Ask the person who sent it for a new one.',
  );
}
