import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';
import { columns, type LinkRow } from './rows.ts';

const ofUser = statement<LinkRow>(
  'find-app-link',
  `select ${columns} from app_links l where l.id = $1 and l.user_id = $2`,
);

/** A user's link; null where the user has none of that id. */
export async function findLink(on: Queryable, { workspaceId }: InWorkspace, id: string): Promise<LinkRow | null> {
  return (await ofUser(on, [id, workspaceId]))[0] ?? null;
}

const list = statement<LinkRow>(
  'list-app-links',
  `select ${columns} from app_links l where l.workflow_id = $1 and l.user_id = $2 order by l.created_at, l.id`,
);

/** The links of a user's workflow, the oldest first. Relies on app_links_workflow. */
export function listLinks(on: Queryable, { workspaceId }: InWorkspace, workflowId: number): Promise<LinkRow[]> {
  return list(on, [workflowId, workspaceId]);
}

/** A link that is on and has not expired, whoever it belongs to. */
export interface OpenLink extends LinkRow {
  readonly isUsedUp: boolean;
}

const open = statement<OpenLink>(
  'find-open-app-link',
  `select ${columns}, l.max_runs is not null and l.runs >= l.max_runs as "isUsedUp"
     from app_links l join users u on u.id = l.user_id
    where l.token_hash = $1 and l.enabled and (l.expires_at is null or l.expires_at > clock_timestamp())
      and u.removed_at is null and u.role <> 'viewer'`,
);

/** The link whose address holds a token of that hash; null where there is none, it has expired, or it is turned off. */
export async function findOpenLink(on: Queryable, tokenHash: Buffer): Promise<OpenLink | null> {
  return (await open(on, [tokenHash]))[0] ?? null;
}
