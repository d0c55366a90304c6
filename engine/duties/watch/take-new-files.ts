import path from 'node:path';
import type { SeenFile, WatchedFolder } from '../../../assets/watched-folder.ts';
import { AppError, TerminalError } from '../../../core/errors/app-error.ts';
import type { ErrorCode } from '../../../core/errors/codes.ts';
import { systemCodeOf } from '../../../core/errors/system-code.ts';
import { lookAtFiles } from '../../../core/triggers/new-files.ts';
import {
  claimFileTriggers,
  forgetFiles,
  listTriggerFiles,
  lookAgain,
  rememberFiles,
  takeFile,
  type ClaimedFolder,
} from '../../../db/triggers/files.ts';
import { isTransientDatabaseError } from '../../outage.ts';
import type { Duty } from '../duty.ts';
import type { WatchContext } from './watch-context.ts';

/** How long a file has to stay the same until it counts as whole, and until the next look where some are left over. */
const stableMs = 2_000;
/** Files that a folder may hold: a listing of them takes some seconds, and each has a row. */
export const mostFiles = 10_000;
/** Taken at one look; the others at the next ones. */
const takenAtOnce = 50;
const foldersAtOnce = 10;
/** A folder that cannot be read, and one whose files there is no room for, is left alone for so long. */
const waitMs = 30_000;

/** Codes of what may be taken at a later look, when there is room again; every other refusal is final. */
const waiting: ReadonlySet<string> = new Set<ErrorCode>(['STORAGE_FULL', 'DISK_LOW', 'DATA_QUOTA_FULL']);

/**
 * Looks into the folders of triggers and writes a fire for each new file. Any number of servers may do so at once: a folder is
 * claimed, and a content has one fire whoever finds it. A server that dies leaves files that are found again.
 */
export const takeNewFiles: Duty<WatchContext> = {
  name: 'take-new-files',
  everyMs: 0,
  run: async (context) => {
    const { pool, now, signal } = context;
    for (;;) {
      const triggers = await claimFileTriggers(pool, now(), foldersAtOnce);
      for (const trigger of triggers) {
        if (signal.aborted) return;
        await lookInto(context, trigger, signal);
      }
      if (triggers.length < foldersAtOnce) return;
    }
  },
};

async function lookInto(context: WatchContext, trigger: ClaimedFolder, signal: AbortSignal): Promise<void> {
  const { pool, logger } = context;
  let problem: string | null = null;
  let nextMs = stableMs;
  try {
    ({ problem, nextMs } = await takeFrom(context, trigger, signal));
  } catch (error) {
    if (signal.aborted || isTransientDatabaseError(error)) throw error;
    problem =
      error instanceof AppError
        ? error.message
        : 'The folder cannot be read; see the log of the server for the reason.';
    logger.warn({ err: error, triggerId: trigger.id }, 'a folder could not be looked into');
  }
  await lookAgain(pool, trigger.id, {
    now: context.now(),
    waitMs: problem === null ? nextMs : Math.max(waitMs, nextMs),
    problem,
  });
}

interface Taken {
  /** Why what is in the folder has to wait; null: it does not. */
  readonly problem: string | null;
  /** Until the next look. */
  readonly nextMs: number;
}

/** Takes what is whole. Throws where the folder cannot be read. */
async function takeFrom(context: WatchContext, trigger: ClaimedFolder, signal: AbortSignal): Promise<Taken> {
  const { pool, folderOf, logger } = context;
  const folder = folderOf(trigger);
  if (folder === null) {
    throw new TerminalError(
      'FOLDER_UNREADABLE',
      'The server no longer knows a folder of this name, or it is not for this workspace. Choose another one.',
    );
  }
  const held = await folder.list(mostFiles, signal);
  const known = await listTriggerFiles(pool, trigger.id);
  const { fresh, whole, gone } = lookAtFiles(held, known, { nowMs: trigger.now.getTime(), stableMs });
  await forgetFiles(pool, trigger.id, gone);
  await rememberFiles(pool, trigger.id, fresh, { at: trigger.now, isTaken: false });
  let left = takenAtOnce;
  let problem: string | null = null;
  for (const file of folder.isWholeAtOnce ? [...whole, ...fresh] : whole) {
    if (left === 0) return { problem, nextMs: stableMs };
    signal.throwIfAborted();
    try {
      const waits = await take(context, { trigger, folder, file, signal });
      if (waits !== null) return { problem: waits, nextMs: folder.lookEveryMs };
      left -= 1;
    } catch (error) {
      const code = systemCodeOf(error);
      if (signal.aborted || isTransientDatabaseError(error)) throw error;
      // It was moved away meanwhile.
      if (code === 'ENOENT') continue;
      // The others are taken all the same.
      problem ??= `The file "${file.path}" cannot be read${code === '' ? '' : ` (${code})`}. Check that it is open to the server, or move it away.`;
      logger.warn({ err: error, triggerId: trigger.id }, 'a new file could not be read');
    }
  }
  // What was seen for the first time is taken as soon as it has stayed the same, however seldom the folder is looked into.
  const isSoon = fresh.length > 0 && !folder.isWholeAtOnce;
  return { problem, nextMs: isSoon ? Math.min(stableMs, folder.lookEveryMs) : folder.lookEveryMs };
}

/** Keeps a file and writes its fire. Why it has to wait; null: it does not. */
async function take(
  context: WatchContext,
  {
    trigger,
    folder,
    file,
    signal,
  }: {
    readonly trigger: ClaimedFolder;
    readonly folder: WatchedFolder;
    readonly file: SeenFile;
    readonly signal: AbortSignal;
  },
): Promise<string | null> {
  const { pool, newId, keep, inputsOf } = context;
  const { id: triggerId, userId, createdBy: uploadedBy, now: at } = trigger;
  const taken = { triggerId, path: file.path, mark: file.mark, id: newId(), at };
  try {
    const name = path.posix.basename(file.path);
    const source = await folder.open(file.path, signal);
    // Where there is no room for it, it is not read to its end.
    const kept = await keep(source, { userId, uploadedBy, name, signal }).finally(() => source.destroy());
    // It was written while it was read: the next look finds it as it is then.
    if ((await folder.stat(file.path, signal))?.mark !== file.mark) return null;
    const { id: asset, bytes, mimeType, sha256 } = kept;
    const modifiedAt = file.modifiedAt.toISOString();
    const inputs = inputsOf(trigger, { asset, name, path: file.path, bytes, mimeType, modifiedAt });
    await takeFile(pool, { ...taken, key: `file ${sha256}`, inputs, refusal: null });
    return null;
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    if (waiting.has(error.code)) return error.message;
    const { code, message } = error;
    const key = `refused ${newId()}`;
    await takeFile(pool, { ...taken, key, inputs: null, refusal: { code, message: `${file.path}: ${message}` } });
    return null;
  }
}
