import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TerminalError } from '../core/errors/app-error.ts';
import { listsToTry, openPrivateApt, systemName } from './private-apt.ts';
import { runCommand, type CommandResult } from './run-command.ts';

/** Programs that were taken out of packages. */
export interface UnpackedFfmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

interface UnpackOptions {
  /** Where unpacked packages are kept from one start to the next. */
  readonly cacheDir: string;
  /** Told before what takes long. */
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
  /** The programs of the distribution. Default: those on PATH. */
  readonly tools?: { readonly aptGet: string; readonly dpkgDeb: string };
}

const programs = ['ffmpeg', 'ffprobe'] as const;
const onPath = { aptGet: 'apt-get', dpkgDeb: 'dpkg-deb' };
const askTimeoutMs = 60_000;
/** Lists of a distribution are about 10 MB. */
const updateTimeoutMs = 180_000;
/** Up to 150 MB in two hundred packages. */
const downloadTimeoutMs = 1_800_000;

/** The ffmpeg that was unpacked for this system; null where none was. */
export async function findUnpackedFfmpeg(cacheDir: string): Promise<UnpackedFfmpeg | null> {
  const folder = await folderIn(cacheDir);
  const [ffmpeg, ffprobe] = programs.map((name) => join(folder, 'bin', name)) as [string, string];
  const isThere = await Promise.all(
    [ffmpeg, ffprobe].map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return isThere.every(Boolean) ? { ffmpeg, ffprobe } : null;
}

/**
 * Takes ffmpeg and what it needs out of the distribution's signed packages without being root and without installing
 * anything: apt says what this system lacks and checks signatures, dpkg-deb unpacks into the cache folder. Throws
 * MEDIA_TOOL_MISSING, in words, where this is no Debian-like system or the packages cannot be had.
 */
export async function unpackFfmpeg(options: UnpackOptions): Promise<UnpackedFfmpeg> {
  const { cacheDir, say, signal, tools = onPath } = options;
  const kept = await findUnpackedFfmpeg(cacheDir);
  if (kept !== null) return kept;
  if (process.platform !== 'linux' || (await run(tools.aptGet, ['--version'], askTimeoutMs))?.code !== 0) {
    throw failure('This system has no apt-get. Install ffmpeg as your system does it, or set FFMPEG_PATH.');
  }
  const target = await folderIn(cacheDir);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(cacheDir, 'unpack-'));
  try {
    say('looking up the packages ...');
    const { apt, names } = await packagesOf(tools.aptGet, work, signal);
    say(`downloading ${names.length} packages ...`);
    const debs = join(work, 'debs');
    const fetched = await run(tools.aptGet, [...apt, 'download', ...names], downloadTimeoutMs, { cwd: debs, signal });
    if (fetched?.code !== 0) throw failure(`The packages could not be downloaded. ${lastWords(fetched)}`);
    const root = join(work, 'root');
    for (const name of (await readdir(debs)).filter((file) => file.endsWith('.deb'))) {
      const unpacked = await run(tools.dpkgDeb, ['-x', join(debs, name), root], askTimeoutMs, { signal });
      if (unpacked?.code !== 0) throw failure(`${name} could not be unpacked. ${lastWords(unpacked)}`);
    }
    await writeStarters(root, target);
    await rm(target, { recursive: true, force: true });
    await rename(root, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const made = await findUnpackedFfmpeg(cacheDir);
  const works = made !== null && (await Promise.all([made.ffmpeg, made.ffprobe].map(answers))).every(Boolean);
  if (works) return made;
  await rm(target, { recursive: true, force: true });
  throw failure('The unpacked program does not run on this system. Install ffmpeg, or set FFMPEG_PATH.');
}

/** What this system lacks to run ffmpeg, by apt's own reckoning; with lists of our own where it has none. */
async function packagesOf(aptGet: string, work: string, signal: AbortSignal | undefined) {
  const common = await openPrivateApt(work);
  let last: CommandResult | undefined;
  for (const lists of listsToTry(work)) {
    const apt = [...common, ...lists];
    if (lists.length > 0) await run(aptGet, [...apt, 'update'], updateTimeoutMs, { signal });
    const asked = [...apt, '-qq', '--print-uris', '--no-install-recommends', 'install', 'ffmpeg'];
    last = await run(aptGet, asked, askTimeoutMs, { signal });
    // 'https://…/ffmpeg_5.1.9-0_amd64.deb' ffmpeg_5.1.9-0_amd64.deb 1864636 SHA256:…
    const names = [...(last?.stdout ?? '').matchAll(/^'[^']+' ([a-z0-9][a-z0-9.+-]*)_\S+\.deb /gm)].map(
      ([, name]) => name!,
    );
    if (last?.code === 0 && names.length > 0) return { apt, names: names.filter((name) => name !== 'libc6') };
    if (last?.code === 0)
      throw failure('The package ffmpeg is installed on this system. Put it on PATH, or set FFMPEG_PATH.');
  }
  throw failure(`The package ffmpeg cannot be had here. ${lastWords(last)}`);
}

/** Small programs that start the real ones with the libraries beside them; the folder will be at `target`. */
async function writeStarters(root: string, target: string): Promise<void> {
  const folders = (await libraryFolders(root)).map((folder) => join(target, folder));
  await mkdir(join(root, 'bin'), { recursive: true });
  for (const name of programs) {
    const lines = [
      '#!/bin/sh',
      `LD_LIBRARY_PATH=${quoted(folders.join(':'))}`,
      'export LD_LIBRARY_PATH',
      `exec ${quoted(join(target, 'usr', 'bin', name))} "$@"`,
    ];
    await writeFile(join(root, 'bin', name), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
}

/** Every folder with shared libraries: Debian keeps them by machine, and some (blas, pulseaudio) in folders of their own. */
async function libraryFolders(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const look = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    if (entries.some((entry) => !entry.isDirectory() && /\.so(?:\.|$)/.test(entry.name))) found.push(folder);
    if (depth === 0) return;
    for (const entry of entries) if (entry.isDirectory()) await look(join(folder, entry.name), depth - 1);
  };
  for (const folder of ['usr/lib', 'lib']) await look(folder, 2);
  return found;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

async function answers(program: string): Promise<boolean> {
  return (await run(program, ['-version'], askTimeoutMs))?.code === 0;
}

async function folderIn(cacheDir: string): Promise<string> {
  return join(cacheDir, `ffmpeg-${await systemName()}-${process.arch}`);
}

/** Undefined where the tool is not there or was stopped. */
async function run(
  file: string,
  args: readonly string[],
  timeoutMs: number,
  options: { readonly cwd?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<CommandResult | undefined> {
  const { cwd, signal } = options;
  return runCommand(file, args, { timeoutMs, cwd, ...(signal !== undefined && { signal }) }).catch(() => undefined);
}

function lastWords(result: CommandResult | undefined): string {
  const words = result?.stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return words === '' ? 'Check the connection to the package mirror.' : `It says: ${words}`;
}

function failure(message: string): TerminalError {
  return new TerminalError('MEDIA_TOOL_MISSING', message);
}
