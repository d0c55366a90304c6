import { sql } from 'kysely';
import type { Db } from '../client.ts';
import { hold } from '../hold.ts';
import { deleteKnownBrowsers } from '../known-browsers/delete.ts';
import { queryableOf } from '../queryable.ts';
import type { ChangedRun } from '../run-sql/result.ts';
import { cancelRuns } from '../runs/end.ts';
import { listUnfinishedRunIds } from '../runs/list-active.ts';
import { deleteOtherSessions } from '../sessions/delete.ts';
import { deleteSignInTokens } from '../sign-in-tokens/delete.ts';
import { pauseBatchesOf } from '../batches/change.ts';
import { pauseLinksOf } from '../links/change.ts';
import { pauseCallbacksOf, pauseTriggersOf } from '../triggers/pause.ts';

/*
 * What acts in somebody's name later ends with the right to it. This is the one
 * list of it: removal, deactivation and every change of a role go through here,
 * and a test holds it against the tables.
 */

/**
 * What somebody loses. `account`: the way in; `membership`: what of teams is open
 * to them once they are in; `change`: to make and run things (a viewer may only
 * look); `owner`: to decide who may come in.
 */
export type Right = 'account' | 'membership' | 'change' | 'owner';

interface Ending {
  /** The column that names the person. */
  readonly column: string;
  readonly endsWith: Right;
  end(trx: Db, userId: string): Promise<readonly ChangedRun[] | void>;
}

/** Runs that are ended in one statement: with their nodes a few thousand rows. */
const runsAtOnce = 20;

/** Everything that ends with an account or a right of it, by the column that names the person. */
export const endings: readonly Ending[] = [
  {
    column: 'sessions.user_id',
    endsWith: 'account',
    end: async (trx, userId) => {
      await deleteOtherSessions(trx, userId, null);
    },
  },
  {
    column: 'known_browsers.user_id',
    endsWith: 'account',
    end: deleteKnownBrowsers,
  },
  {
    column: 'sign_in_tokens.user_id',
    endsWith: 'account',
    end: deleteSignInTokens,
  },
  {
    column: 'api_keys.user_id',
    endsWith: 'account',
    end: async (trx, userId) => {
      await trx
        .updateTable('api_keys')
        .set({ revoked_at: sql<Date>`now()` })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .execute();
    },
  },
  {
    column: 'workspace_members.account_id',
    endsWith: 'membership',
    end: async (trx, userId) => {
      await trx.deleteFrom('workspace_members').where('account_id', '=', userId).execute();
    },
  },
  {
    column: 'provider_keys.user_id',
    endsWith: 'change',
    end: async (trx, userId) => {
      await trx.deleteFrom('provider_keys').where('user_id', '=', userId).execute();
    },
  },
  {
    // Paused, not deleted: whoever may run things again looks at each before turning it on.
    column: 'triggers.user_id',
    endsWith: 'change',
    end: pauseTriggersOf,
  },
  {
    column: 'batches.user_id',
    endsWith: 'change',
    end: pauseBatchesOf,
  },
  {
    column: 'workflow_callbacks.user_id',
    endsWith: 'change',
    end: pauseCallbacksOf,
  },
  {
    column: 'app_links.user_id',
    endsWith: 'change',
    end: pauseLinksOf,
  },
  {
    column: 'secrets.user_id',
    endsWith: 'change',
    end: async (trx, userId) => {
      await trx.deleteFrom('secrets').where('user_id', '=', userId).execute();
    },
  },
  {
    column: 'workflow_runs.user_id',
    endsWith: 'change',
    end: (trx, userId) =>
      cancelRunsOf(trx, userId, 'The run was canceled because its owner may no longer run workflows.'),
  },
  {
    column: 'invitations.invited_by',
    endsWith: 'owner',
    end: async (trx, userId) => {
      await trx.deleteFrom('invitations').where('invited_by', '=', userId).where('accepted_at', 'is', null).execute();
    },
  },
  {
    // A link for somebody else's account would be a way around the role.
    column: 'sign_in_tokens.made_by',
    endsWith: 'owner',
    end: async (trx, userId) => {
      await trx.deleteFrom('sign_in_tokens').where('made_by', '=', userId).execute();
    },
  },
];

async function cancelRunsOf(trx: Db, userId: string, reason: string): Promise<readonly ChangedRun[]> {
  // No run begins or comes to wait from here to the end of the transaction; afterwards the role says no.
  await hold(trx, 'turns', userId);
  const runs = await listUnfinishedRunIds(queryableOf(trx), { workspaceId: userId });
  const ended: ChangedRun[] = [];
  for (let at = 0; at < runs.length; at += runsAtOnce) {
    ended.push(...(await cancelRuns(queryableOf(trx), runs.slice(at, at + runsAtOnce), reason)));
  }
  return ended;
}

/**
 * Brings a workspace that is deleted to rest; nothing is lost with that, and it can be restored. Returns the runs that were
 * cancelled, as `endOf` does.
 */
export async function restOf(trx: Db, workspaceId: string): Promise<readonly ChangedRun[]> {
  await pauseTriggersOf(trx, workspaceId, 'Its workspace was deleted.');
  await pauseCallbacksOf(trx, workspaceId, 'Its workspace was deleted.');
  await pauseLinksOf(trx, workspaceId, 'Its workspace was deleted.');
  await pauseBatchesOf(trx, workspaceId);
  return cancelRunsOf(trx, workspaceId, 'The run was canceled because its workspace was deleted.');
}

/** Columns that name a person and stay: what somebody made is there again when they come back. */
export const kept: Readonly<Record<string, string>> = {
  'workflows.user_id': 'made by the person',
  'assets.user_id': 'made by the person',
  'asset_reservations.user_id': 'room for uploads under way, which end by themselves',
  'user_data.user_id': 'counts what the person keeps',
  'output_cache.user_id': 'read by runs of the person alone',
  'output_cache.made_by': 'names a node execution, no person',
  'idempotency_keys.user_id': 'answers to what was done; removed after a day',
  'budgets.user_id': 'limits of the person, who may no longer spend',
  'model_calls.user_id': 'what was done stays written down',
  'provider_jobs.user_id': 'jobs at providers end with their runs',
  'run_regions.paused_by': 'says who paused the list; whoever is gone is named nowhere',
  'result_stars.user_id': 'marks of the person; nobody else sees them',
  'audit_log.actor_id': 'what was done stays written down',
  'published_versions.published_by': 'what was done stays written down',
  'kept_drafts.kept_by': 'what was done stays written down',
  'waits.user_id': 'waits end with their runs',
  'waits.resolved_by': 'what was done stays written down',
  'workspaces.id': 'the workspace itself',
  'workspace_invitations.invited_by':
    'what was done stays written down; the link opens nothing while who made it decides no longer',
  'workspaces.created_by': 'what was done stays written down',
  'workspaces.admin_named_by': 'what was done stays written down',
  'workflow_runs.actor_id': 'what was done stays written down; what runs in a workspace is its own',
  'workflows.updated_by': 'what was done stays written down',
  'assets.uploaded_by': 'what was done stays written down',
  'triggers.created_by': 'a trigger is the workspace’s, whoever made it',
  'app_links.created_by': 'a link is the workspace’s, whoever made it',
  'batches.created_by': 'what was done stays written down',
};

/**
 * Ends what hangs on rights that somebody has lost, and returns the runs that
 * were cancelled: they are to be announced after the commit. Call it in the
 * transaction that takes the rights, after the row of the user is changed.
 */
export async function endOf(trx: Db, userId: string, rights: readonly Right[]): Promise<readonly ChangedRun[]> {
  const ended: ChangedRun[] = [];
  for (const ending of endings.filter(({ endsWith }) => rights.includes(endsWith))) {
    ended.push(...((await ending.end(trx, userId)) ?? []));
  }
  return ended;
}
