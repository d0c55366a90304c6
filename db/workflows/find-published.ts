import type { Graph } from '../../core/graph/graph.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, type Queryable } from '../statement.ts';

const graphOf = statement<{ data: string }>(
  'find-published-graph',
  `select v.data::text as data from published_versions p join workflow_versions v on v.id = p.version_id
    where p.workflow_id = $1 and p.number = $2`,
);

/** The graph of a published version as JSON, whoever it belongs to; null where there is none of that number. */
export async function findPublishedGraph(on: Queryable, workflowId: number, number: number): Promise<string | null> {
  const [row] = await graphOf(on, [workflowId, number]);
  return row?.data ?? null;
}

/** A graph of a workflow as programs see it. */
export interface RunnableGraph {
  readonly workflowId: number;
  readonly name: string;
  /** Null until it is published. */
  readonly slug: string | null;
  /** Of the draft. */
  readonly revision: number;
  /** The number of the version that `data` is of; null: of the draft. */
  readonly published: number | null;
  /** Null where the workflow has no version of the number that is meant. */
  readonly data: Graph | null;
}

const find = (name: string, condition: string) =>
  statement<RunnableGraph>(
    name,
    `select w.id as "workflowId", w.name, w.slug, w.version as revision, n.number as published,
            case when n.number is null then w.data else v.data end as data
       from workflows w
            cross join lateral (select coalesce($3::integer, w.live_version) as number) n
            left join published_versions p on p.workflow_id = w.id and p.number = n.number
            left join workflow_versions v on v.id = p.version_id
      where ${condition} and w.user_id = $2`,
  );
const byId = find('find-runnable-by-id', 'w.id = $1');
const bySlug = find('find-runnable-by-slug', 'w.slug = $1');

/**
 * A version of a user's workflow, named by its id or its slug; null where the user has no such workflow.
 *
 * @param number `live`: that which is live, or the draft where none is
 */
export async function findRunnableGraph(
  on: Queryable,
  { workspaceId }: InWorkspace,
  named: number | string,
  number: number | 'live',
): Promise<RunnableGraph | null> {
  const wanted = number === 'live' ? null : number;
  const [row] = await (typeof named === 'number' ? byId : bySlug)(on, [named, workspaceId, wanted]);
  return row ?? null;
}

const idOfSlug = statement<{ id: number }>(
  'find-workflow-of-slug',
  'select id from workflows where slug = $1 and user_id = $2',
);

/** The id of a user's workflow that has a slug; null where the user has none. */
export async function findWorkflowOfSlug(
  on: Queryable,
  { workspaceId }: InWorkspace,
  slug: string,
): Promise<number | null> {
  const [row] = await idOfSlug(on, [slug, workspaceId]);
  return row?.id ?? null;
}
