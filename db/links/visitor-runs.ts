import type { RunStatus } from '../../core/run/status.ts';
import { statement, type Queryable } from '../statement.ts';

/** Whoever comes by a link: the link, and the hash of what their browser holds. */
export interface Visitor {
  readonly linkId: string;
  readonly visitor: Buffer;
}

/** What a link has given can be fetched for so long after its last run was begun, in minutes. */
export const fetchMinutes = 60;

/*
 * take-app-link-run: counts a run of a link and writes down whose it is, before the run is there. One that is written
 * down already is counted no second time.
 *
 * Result  the run; none where the link has none left, has expired or is off.
 * Locks   the link.
 */
const take = statement<{ runId: string }>(
  'take-app-link-run',
  `with known as materialized (
     select r.run_id from app_link_runs r where r.run_id = $3 and r.link_id = $1 and r.visitor = $2
   ),
   l as (
     update app_links l set runs = l.runs + 1, last_run_at = clock_timestamp()
      where l.id = $1 and l.enabled and (l.expires_at is null or l.expires_at > clock_timestamp())
        and (l.max_runs is null or l.runs < l.max_runs) and not exists (select from known)
     returning l.id
   ),
   written as (
     insert into app_link_runs (run_id, link_id, visitor) select $3, l.id, $2 from l returning run_id
   )
   select run_id as "runId" from written union all select run_id from known`,
);

/** Takes one of the runs of a link. False where there is none left. */
export async function takeLinkRun(on: Queryable, { linkId, visitor }: Visitor, runId: string): Promise<boolean> {
  return (await take(on, [linkId, visitor, runId])).length > 0;
}

const giveBack = statement(
  'give-back-app-link-run',
  `with gone as (
     delete from app_link_runs r
      where r.run_id = $2 and r.link_id = $1 and not exists (select from workflow_runs w where w.id = r.run_id)
     returning r.link_id
   )
   update app_links l set runs = l.runs - 1 from gone where l.id = gone.link_id`,
);

/** Gives back a run that could not be started. */
export async function giveBackLinkRun(on: Queryable, linkId: string, runId: string): Promise<void> {
  await giveBack(on, [linkId, runId]);
}

interface LinkRunRow {
  readonly runId: string;
}

const owned = `from app_link_runs r join app_links l on l.id = r.link_id
    where r.link_id = $1 and r.visitor = $2
      -- What the last run of a link gives can be fetched for a while.
      and (l.max_runs is null or l.runs < l.max_runs
           or l.last_run_at > clock_timestamp() - make_interval(mins => ${fetchMinutes}))`;

/** A run in the list of whoever started it. */
export interface ListedLinkRun {
  readonly id: string;
  readonly status: RunStatus;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const list = statement<ListedLinkRun>(
  'list-app-link-runs',
  `select w.id, w.status, w.created_at as "createdAt", w.finished_at as "finishedAt"
     from (select r.run_id, r.created_at ${owned} order by r.created_at desc limit $3) r
     join workflow_runs w on w.id = r.run_id
    order by r.created_at desc`,
);

/** The latest runs of a visitor, the newest first. Relies on app_link_runs_visitor. */
export async function listLinkRuns(
  on: Queryable,
  { linkId, visitor }: Visitor,
  limit: number,
): Promise<readonly ListedLinkRun[]> {
  return list(on, [linkId, visitor, limit]);
}

const find = statement<LinkRunRow>('find-app-link-run', `select r.run_id as "runId" ${owned} and r.run_id = $3`);

/** Whether a visitor has begun a run and may still see it. */
export async function hasLinkRun(on: Queryable, { linkId, visitor }: Visitor, runId: string): Promise<boolean> {
  return (await find(on, [linkId, visitor, runId])).length > 0;
}

const deleteGone = statement(
  'delete-old-app-link-runs',
  `delete from app_link_runs r
    where r.created_at < clock_timestamp() - interval '1 day'
      and not exists (select from workflow_runs w where w.id = r.run_id)`,
);

/** Forgets whose runs were that are not there any more. */
export async function deleteOldLinkRuns(on: Queryable): Promise<void> {
  await deleteGone(on, []);
}
