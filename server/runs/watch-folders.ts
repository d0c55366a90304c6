import path from 'node:path';
import { z } from 'zod';
import { parseS3Url } from '../../assets/s3-location.ts';
import { watchDiskFolder } from '../../assets/watched-disk-folder.ts';
import type { WatchedFolder } from '../../assets/watched-folder.ts';
import { AppError } from '../../core/errors/app-error.ts';

const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w .-]{0,59}$/, 'must have a name of letters, digits, spaces and . _ -');
const placeSchema = z.string().refine(isPlace, 'must be an absolute path, or like s3://bucket/prefix');

const foldersSchema = z
  .record(
    nameSchema,
    z.union([
      placeSchema.transform((at) => ({ at, workspaces: null, everyMs: null })),
      z
        .strictObject({
          at: placeSchema,
          workspaces: z.array(z.string().min(1).max(255)).min(1).max(1_000).optional(),
          everySeconds: z.int().min(1).max(86_400).optional(),
        })
        .transform(({ at, workspaces = null, everySeconds }) => ({
          at,
          workspaces,
          everyMs: everySeconds === undefined ? null : everySeconds * 1_000,
        })),
    ]),
  )
  .refine((folders) => Object.keys(folders).length <= 100, 'must be at most 100 folders');

/** A folder or a bucket that triggers may watch. */
export interface AllowedFolder {
  readonly name: string;
  /** An absolute path, or an S3 address. */
  readonly at: string;
  /** Ids of the workspaces whose triggers may; null: all. */
  readonly workspaces: readonly string[] | null;
  /** How often it is looked into, in milliseconds; null: 2,000 for a folder, 60,000 for a bucket, whose listings are paid for. */
  readonly everyMs: number | null;
}

/**
 * The folders that `WATCH_FOLDERS` lists, as JSON by the names under which people choose them; none where it is not set:
 * `{ "scans": "/srv/scans", "drops": { "at": "s3://bucket/in", "workspaces": ["workspace_..."], "everySeconds": 300 } }`.
 */
export function readWatchFolders(
  text: string | undefined,
  complain: (name: string, problem: string) => void,
): readonly AllowedFolder[] {
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    complain('WATCH_FOLDERS', 'is no JSON');
    return [];
  }
  const parsed = foldersSchema.safeParse(value);
  if (parsed.success) return Object.entries(parsed.data).map(([name, folder]) => ({ name, ...folder }));
  for (const { path: place, message } of parsed.error.issues.slice(0, 10)) {
    complain('WATCH_FOLDERS', `${place.length === 0 ? '' : `at ${place.join('.')} `}is not usable: ${message}`);
  }
  return [];
}

function isPlace(at: string): boolean {
  if (!at.startsWith('s3:')) return path.isAbsolute(at) && path.normalize(at) !== '/';
  try {
    parseS3Url(at);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** The folders that triggers may watch, for the workspaces that they are for. */
export interface WatchFolders {
  /** The names of those that a workspace may use. */
  namesFor(workspaceId: string): readonly string[];
  /** One of them; null where there is none of that name for the workspace. */
  find(workspaceId: string, name: string): WatchedFolder | null;
}

/** Opens folders and buckets. The S3 client is loaded where it is used only. */
export async function openWatchFolders(
  allowed: readonly AllowedFolder[],
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null,
): Promise<WatchFolders> {
  const open = await Promise.all(
    allowed.map(async ({ at, everyMs, ...folder }) => ({
      ...folder,
      watched: await openFolder({ at, everyMs: everyMs ?? undefined }, credentials),
    })),
  );
  const forWorkspace = (id: string) => open.filter(({ workspaces }) => workspaces === null || workspaces.includes(id));
  return {
    namesFor: (workspaceId) => forWorkspace(workspaceId).map(({ name }) => name),
    find: (workspaceId, wanted) => forWorkspace(workspaceId).find(({ name }) => name === wanted)?.watched ?? null,
  };
}

async function openFolder(
  { at, everyMs }: { readonly at: string; readonly everyMs: number | undefined },
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null,
): Promise<WatchedFolder> {
  if (!at.startsWith('s3:')) return watchDiskFolder(at, everyMs);
  const { watchS3Folder } = await import('../../assets/watched-s3-folder.ts');
  return watchS3Folder({ location: parseS3Url(at), credentials }, everyMs);
}
