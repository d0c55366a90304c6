import { TerminalError } from '../../core/errors/app-error.ts';
import type { ErrorCode } from '../../core/errors/codes.ts';

const hookGone = ['HOOK_NOT_FOUND', 'There is no webhook at this address, or not for you. Check both.'] as const;

/*
 * What one request has read another one may have deleted, or added, before the
 * first one writes. Postgres refuses the write by a constraint, and that is the
 * answer. Those that are not named here no two requests can break.
 */
const answers: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  workflow_versions_workflow_id_fkey: [
    'WORKFLOW_NOT_FOUND',
    'The workflow was deleted meanwhile. Make a new one, or choose another.',
  ],
  workflow_runs_workflow_id_fkey: [
    'WORKFLOW_NOT_FOUND',
    'The workflow was deleted meanwhile. Make a new one, or choose another.',
  ],
  result_stars_workflow_id_fkey: [
    'WORKFLOW_NOT_FOUND',
    'The workflow was deleted meanwhile. Make a new one, or choose another.',
  ],
  budgets_workflow_id_fkey: [
    'WORKFLOW_NOT_FOUND',
    'The workflow was deleted meanwhile. Make a new one, or choose another.',
  ],
  trigger_fires_trigger_id_fkey: hookGone,
  trigger_deliveries_trigger_id_fkey: hookGone,
  node_executions_run_id_fkey: ['RUN_NOT_FOUND', 'The run was deleted meanwhile. Start another one.'],
  workspace_members_workspace_id_fkey: [
    'WORKSPACE_NOT_FOUND',
    'The workspace was deleted meanwhile. Choose another one from the list.',
  ],
  workspace_members_account_id_fkey: [
    'MEMBER_NOT_FOUND',
    'The account was removed meanwhile. Choose another one from the list.',
  ],
  trigger_files_trigger_id_fkey: [
    'TRIGGER_NOT_FOUND',
    'The trigger was deleted in the meantime. Choose one from the list of its workflow.',
  ],
  app_link_files_link_id_fkey: [
    'LINK_NOT_FOUND',
    'This link does not work: it was mistyped, has expired or was used up. Ask the person who sent it for a new one.',
  ],
  app_link_files_asset_id_fkey: ['ASSET_NOT_FOUND', 'The file was deleted in the meantime. Upload it again.'],
  users_email_key: ['EMAIL_TAKEN', 'Another account has this e-mail address by now. Use another one.'],
};
/** Whatever belongs to an account ends with it, and so do its requests. */
const ofAccount = /_(?:user_id|invited_by|made_by|published_by|kept_by)_fkey$/;

const foreignKeyViolation = '23503';
const uniqueViolation = '23505';
/** character_not_in_repertoire, untranslatable_character: U+0000 and the like, wherever it came from. */
const unstorableText: ReadonlySet<string> = new Set(['22021', '22P05']);

/** The answer to a request whose write the database refused because of another one, or for its text; null for any other error. */
export function crossedRequestOf(error: unknown): TerminalError | null {
  if (!(error instanceof Error)) return null;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (typeof code !== 'string') return null;
  if (unstorableText.has(code)) {
    return new TerminalError('INVALID_TEXT', 'The request holds U+0000, which cannot be stored. Take it out.', {
      cause: error,
    });
  }
  if ((code !== foreignKeyViolation && code !== uniqueViolation) || typeof constraint !== 'string') return null;
  const answer = answers[constraint];
  if (answer !== undefined) return new TerminalError(...answer, { cause: error });
  return ofAccount.test(constraint)
    ? new TerminalError('AUTH_INVALID', 'The account was removed meanwhile. Ask an owner for an invitation.', {
        cause: error,
      })
    : null;
}
