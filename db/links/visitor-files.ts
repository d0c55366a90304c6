import { statement, type Queryable } from '../statement.ts';
import { fetchMinutes, type Visitor } from './visitor-runs.ts';

/** A file by its id and the SHA-256 of its content: whoever can name both knows it. */
export interface ShownFile {
  readonly assetId: string;
  readonly sha256: string;
}

const add = statement(
  'add-app-link-files',
  `insert into app_link_files (link_id, visitor, asset_id)
   select l.id, $2, a.id
     from app_links l cross join unnest($3::uuid[], $4::text[]) as f (id, sha256)
     join assets a on a.id = f.id and a.sha256 = f.sha256 and a.user_id = l.user_id
    where l.id = $1
   on conflict do nothing`,
);

/** Lets a visitor read files of the workspace: what they brought, and what they are shown. */
export async function addLinkFiles(
  on: Queryable,
  { linkId, visitor }: Visitor,
  files: readonly ShownFile[],
): Promise<void> {
  if (files.length === 0) return;
  await add(on, [linkId, visitor, files.map(({ assetId }) => assetId), files.map(({ sha256 }) => sha256)]);
}

const find = statement<{ assetId: string }>(
  'find-app-link-file',
  `select f.asset_id as "assetId" from app_link_files f join app_links l on l.id = f.link_id
    where f.link_id = $1 and f.visitor = $2 and f.asset_id = $3
      and (l.max_runs is null or l.runs < l.max_runs
           or l.last_run_at > clock_timestamp() - make_interval(mins => ${fetchMinutes}))`,
);

/** Whether a visitor may read a file. */
export async function hasLinkFile(on: Queryable, { linkId, visitor }: Visitor, assetId: string): Promise<boolean> {
  return (await find(on, [linkId, visitor, assetId])).length > 0;
}

const foreign = statement<{ assetId: string }>(
  'list-foreign-app-link-files',
  `select a.id as "assetId" from app_links l join assets a on a.user_id = l.user_id
    where l.id = $1 and a.id = any ($3::uuid[])
      and not exists (select from app_link_files f where f.link_id = l.id and f.visitor = $2 and f.asset_id = a.id)`,
);

/** Of these ids those of files of the workspace that a visitor may not read. */
export async function listForeignFiles(
  on: Queryable,
  { linkId, visitor }: Visitor,
  ids: readonly string[],
): Promise<string[]> {
  return ids.length === 0 ? [] : (await foreign(on, [linkId, visitor, ids])).map(({ assetId }) => assetId);
}
