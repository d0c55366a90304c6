import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes the folders in which apt-get works for us alone, and gives the arguments that make it do so, without being root
 * and without the system's locks. `more` are further settings of apt, by name.
 */
export async function openPrivateApt(
  work: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs']) {
    await mkdir(join(work, folder), { recursive: true });
  }
  const settings = {
    'Dir::Cache': join(work, 'cache'),
    'Debug::NoLocking': '1',
    // The account _apt could not write into a private folder.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    ...more,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** Arguments for the lists to use, one after the other: the system's are the quickest; our own where it has none or they are too old. */
export function listsToTry(work: string): readonly (readonly string[])[] {
  return [[], ['-o', `Dir::State::lists=${join(work, 'lists')}`]];
}

/** What packages are for, such as `debian-12`. */
export async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (key: string) => new RegExp(`^${key}="?([\\w.-]+)"?$`, 'm').exec(text)?.[1] ?? 'unknown';
  return `${value('ID')}-${value('VERSION_ID')}`;
}
