import { mostFiles } from '../../../engine/duties/watch/take-new-files.ts';
import type { WatchContext } from '../../../engine/duties/watch/watch-context.ts';
import {
  newFilesSettingsSchema,
  type ChangeTrigger,
  type CreateNewFiles,
  type NewFilesSettings,
  type NewFilesTrigger,
} from '../../../core/api/triggers.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { rememberFiles } from '../../../db/triggers/files.ts';
import type { TriggerRow } from '../../../db/triggers/rows.ts';
import type { Queryable } from '../../../db/statement.ts';
import type { WatchFolders } from '../../runs/watch-folders.ts';
import { mapValues, requireExpressions } from '../hooks/map-delivery.ts';
import { shownTrigger } from './shown-trigger.ts';

/** Throws FindingsError where an expression cannot be read. */
export function newNewFiles({
  version,
  folder,
  mapping,
}: Pick<CreateNewFiles, 'version' | 'folder' | 'mapping'>): NewFilesSettings {
  requireExpressions(mapping, (name) => `mapping.${name}`);
  return { version, folder, mapping };
}

/** The settings after a change. Throws as `newNewFiles` does. */
export function changedNewFiles(
  trigger: TriggerRow,
  change: Omit<ChangeTrigger, 'name' | 'enabled' | 'inputs'>,
): NewFilesSettings {
  const before = newFilesSettingsSchema.parse(trigger.settings);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return newNewFiles({ ...before, ...given });
}

/** A trigger by new files as its owner sees it. */
export function shownNewFiles(trigger: TriggerRow): NewFilesTrigger {
  return {
    ...shownTrigger(trigger),
    kind: 'file',
    ...newFilesSettingsSchema.parse(trigger.settings),
    failures: trigger.failures,
  };
}

/** The inputs of the run of a new file: what the mapping finds in `{ file }`, beside those that are always the same. */
export const inputsOfFile: WatchContext['inputsOf'] = ({ inputs, settings }, file) =>
  mapValues(newFilesSettingsSchema.parse(settings).mapping, inputs, { file: { ...file } });

/** What is in a folder at this moment. Throws FOLDER_UNREADABLE, also where there is none of that name for the workspace. */
export async function listFolder(folders: WatchFolders, workspaceId: string, name: string, signal: AbortSignal) {
  const folder = folders.find(workspaceId, name);
  if (folder !== null) return folder.list(mostFiles, signal);
  const names = folders.namesFor(workspaceId);
  throw new TerminalError(
    'FOLDER_UNREADABLE',
    names.length === 0
      ? 'There is no folder that triggers may watch. Ask the operator to name one in WATCH_FOLDERS.'
      : `There is no folder "${name}" to watch. Choose one of: ${names.join(', ')}.`,
  );
}

/** Files that were there before a trigger was made or turned on start nothing. */
export async function rememberAsOld(
  on: Queryable,
  triggerId: string,
  files: Awaited<ReturnType<typeof listFolder>>,
  at: Date,
): Promise<void> {
  await rememberFiles(on, triggerId, files, { at, isTaken: true });
}
