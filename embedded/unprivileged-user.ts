import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A user that a service runs as. */
export interface ServiceUser {
  readonly uid: number;
  readonly gid: number;
}

/** What Linux calls nobody, when the password file does not say. */
const nobody: ServiceUser = { uid: 65_534, gid: 65_534 };

/**
 * The user for services that refuse to run as root: undefined when this
 * process is not root (they then run as it does), else the owner of `existing`
 * data, else the account `nobody`.
 */
export async function chooseServiceUser(existing: string): Promise<ServiceUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(existing).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    accounts
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':') ?? [];
  return uid === undefined || gid === undefined ? nobody : { uid: Number(uid), gid: Number(gid) };
}

/** True when `user` can walk down to the folder `path`; folders that do not exist yet are passed over. */
export async function canReach(user: ServiceUser, path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined) {
      const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0;
      if (((found.mode >> shift) & 1) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}
