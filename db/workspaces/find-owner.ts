import { statement, type Queryable } from '../statement.ts';

/** What an id or name in a request may be of. */
export type OwnedThing =
  | 'workflow'
  | 'slug'
  | 'run'
  | 'batch'
  | 'asset'
  | 'trigger'
  | 'fire'
  | 'wait'
  | 'callback'
  | 'callback-message'
  | 'link';

type FindOwner = (on: Queryable, values: readonly unknown[]) => Promise<{ owner: string }[]>;

/* owner of …: which workspace a thing belongs to, whoever asks. Relies on the primary keys and workflows_slug. */
const owners: Readonly<Record<OwnedThing, FindOwner>> = {
  workflow: statement('owner-of-workflow', 'select user_id as owner from workflows where id = $1'),
  slug: statement('owner-of-slug', 'select user_id as owner from workflows where slug = $1'),
  run: statement('owner-of-run', 'select user_id as owner from workflow_runs where id = $1'),
  batch: statement('owner-of-batch', 'select user_id as owner from batches where id = $1'),
  asset: statement('owner-of-asset', 'select user_id as owner from assets where id = $1'),
  trigger: statement('owner-of-trigger', 'select user_id as owner from triggers where id = $1'),
  fire: statement(
    'owner-of-fire',
    `select t.user_id as owner from trigger_fires f join triggers t on t.id = f.trigger_id where f.id = $1`,
  ),
  wait: statement('owner-of-wait', 'select user_id as owner from waits where id = $1'),
  callback: statement('owner-of-callback', 'select user_id as owner from workflow_callbacks where id = $1'),
  link: statement('owner-of-app-link', 'select user_id as owner from app_links where id = $1'),
  'callback-message': statement(
    'owner-of-callback-message',
    `select c.user_id as owner from callback_messages m join workflow_callbacks c on c.id = m.callback_id
      where m.id = $1`,
  ),
};

/** Which workspace a thing belongs to; null where there is none of that id. It says nothing about who may see it. */
export async function findOwnerOf(on: Queryable, thing: OwnedThing, id: string | number): Promise<string | null> {
  const [row] = await owners[thing](on, [id]);
  return row?.owner ?? null;
}

/* owners of workflows. Relies on the primary key. */
const ownersOfWorkflows = statement<{ id: number; owner: string }>(
  'owners-of-workflows',
  'select id, user_id as owner from workflows where id = any ($1::integer[])',
);

/** Which workspaces workflows belong to; those that are not there are left out. */
export async function listOwnersOfWorkflows(
  on: Queryable,
  ids: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  return new Map((await ownersOfWorkflows(on, [ids])).map(({ id, owner }) => [id, owner]));
}
