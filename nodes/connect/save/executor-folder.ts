import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, sep } from 'node:path';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { systemCodeOf } from '../../../core/errors/system-code.ts';
import type { SaveConfig } from './definition.ts';
import { sha256Of, type Content } from './executor-content.ts';

/*
 * Into a folder exactly once: the name is written down under the execution before the file takes it. A later attempt finds
 * that note: where the name holds the same content it is done, else it goes on from there. A file takes its name by a link
 * or a rename, so it is there whole or not at all.
 */

/** Notes and files that are not whole yet; in the folder itself, so that a link is possible. */
const ownFolder = '.heddle';
/** Long after an execution is over. */
const keepNotesMs = 7 * 24 * 3_600_000;
/** Names that are tried: more of one name than anybody meant. */
const maxNumber = 10_000;

interface FolderOrder {
  readonly root: string;
  readonly name: string;
  readonly content: Content;
  readonly existing: SaveConfig['existing'];
  readonly executionId: string;
}

/** Gives the name that the file has got, under the folder. Throws SAVE_FAILED. */
export async function saveInFolder({ root, name, content, existing, executionId }: FolderOrder): Promise<string> {
  try {
    const base = await realpath(root);
    const own = join(base, ownFolder);
    await mkdir(own, { recursive: true });
    const note = join(own, executionId);
    const sha256 = await sha256Of(content.file);
    const noted = await readFile(note, 'utf8').catch(() => null);
    if (noted !== null && (await holds(join(base, noted), sha256))) return noted;
    const waiting = join(own, `${executionId}.part`);
    await copyFile(content.file, waiting, constants.COPYFILE_FICLONE);
    const order = { base, note, waiting, sha256 };
    const taken = existing === 'replace' ? await replace(order, name) : await takeName(order, name, existing);
    await rm(waiting, { force: true });
    await forgetOld(own);
    return taken;
  } catch (error) {
    if (error instanceof TerminalError || systemCodeOf(error) === '') throw error;
    throw new TerminalError(
      'SAVE_FAILED',
      `The file could not be written into the folder (${systemCodeOf(error)}). Ask the operator to check it.`,
      { cause: error },
    );
  }
}

interface Place {
  readonly base: string;
  readonly note: string;
  readonly waiting: string;
  readonly sha256: string;
}

async function replace({ base, note, waiting }: Place, name: string): Promise<string> {
  const target = await targetIn(base, name);
  await writeFile(note, name);
  await rename(waiting, target);
  return name;
}

async function takeName({ base, note, waiting }: Place, name: string, existing: 'number' | 'fail'): Promise<string> {
  for (let number = 1; number <= maxNumber; number += 1) {
    const candidate = number === 1 ? name : numbered(name, number);
    const target = await targetIn(base, candidate);
    await writeFile(note, candidate);
    try {
      await link(waiting, target);
      return candidate;
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
      // It is somebody else's: a later attempt must not take it for ours.
      await rm(note, { force: true });
      if (existing === 'fail') break;
    }
  }
  throw new TerminalError(
    'SAVE_FAILED',
    `There is a file "${name}" already. Change the name, or choose what happens then under "If there is one".`,
    { details: { name } },
  );
}

function numbered(name: string, number: number): string {
  const end = extname(name);
  return `${name.slice(0, name.length - end.length)} (${number})${end}`;
}

/** The path of a name; its folders are made. Throws SAVE_FAILED where a link leads out of the folder, or the name into its notes. */
async function targetIn(base: string, name: string): Promise<string> {
  // Some disks take capitals for small letters.
  if (name.split('/', 1)[0]?.toLowerCase() === ownFolder) {
    throw new TerminalError('SAVE_FAILED', `"${ownFolder}" is kept for notes. Choose another name.`, {
      details: { name },
    });
  }
  const target = join(base, name);
  await mkdir(dirname(target), { recursive: true });
  const parent = await realpath(dirname(target));
  if (parent === base || parent.startsWith(base + sep)) return target;
  throw new TerminalError('SAVE_FAILED', `"${name}" leads out of the folder. Choose another name.`, {
    details: { name },
  });
}

async function holds(file: string, sha256: string): Promise<boolean> {
  return sha256Of(file).then(
    (found) => found === sha256,
    () => false,
  );
}

async function forgetOld(own: string): Promise<void> {
  for (const name of (await readdir(own)).slice(0, 1_000)) {
    const { mtimeMs } = await stat(join(own, name)).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > keepNotesMs) await rm(join(own, name), { force: true });
  }
}
