import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { TerminalError } from '../../core/errors/app-error.ts';

/** Where ffmpeg and ffprobe are looked for. */
export interface BinarySettings {
  /** FFMPEG_PATH and FFPROBE_PATH: where given, nothing else is tried. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
  /** PATH. */
  readonly searchPath?: string;
}

/** The two programs. */
export type BinaryName = 'ffmpeg' | 'ffprobe';

interface FoundBinary {
  readonly path: string;
  /** `package`: from an installer package, an old build that should not see untrusted media. */
  readonly source: 'setting' | 'path' | 'package';
}

/** Where the video programs are. */
export interface Binaries {
  /** Looks at the disk at each call, so that a program that came or went is noticed. Throws MEDIA_TOOL_MISSING. */
  find(name: BinaryName): Promise<FoundBinary>;
  /**
   * Arguments to put before a command line so that the kernel ends the program
   * with us, even on kill -9. Empty where the system has no `setpriv` that can.
   */
  deathSignalPrefix(): Promise<readonly string[]>;
}

const packages: Readonly<Record<BinaryName, string>> = {
  ffmpeg: '@ffmpeg-installer/ffmpeg',
  ffprobe: '@ffprobe-installer/ffprobe',
};

/** `setpriv` only has to start `true`: a second is plenty, even on a busy machine five are. */
const setprivTimeoutMs = 5_000;

/** Finds programs by setting, then on PATH, then in the installer packages. */
export function createBinaries(settings: BinarySettings): Binaries {
  const given: Readonly<Record<BinaryName, string | undefined>> = {
    ffmpeg: settings.ffmpegPath,
    ffprobe: settings.ffprobePath,
  };
  const folders = (settings.searchPath ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  let prefix: Promise<readonly string[]> | undefined;

  return {
    async find(name) {
      const setting = given[name];
      if (setting !== undefined) {
        if (await isExecutable(setting)) return { path: setting, source: 'setting' };
        throw missing(name, `${name.toUpperCase()}_PATH does not name an executable program.`);
      }
      const onPath = await findIn(folders, name);
      if (onPath !== null) return { path: onPath, source: 'path' };
      const packaged = packagedPath(name);
      if (packaged !== null && (await isExecutable(packaged))) return { path: packaged, source: 'package' };
      throw missing(name, `Install ffmpeg, or set ${name.toUpperCase()}_PATH.`);
    },
    deathSignalPrefix() {
      prefix ??= findDeathSignalPrefix(folders);
      return prefix;
    },
  };
}

async function findIn(folders: readonly string[], name: string): Promise<string | null> {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of folders) {
    const path = join(folder, fileName);
    if (await isExecutable(path)) return path;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The installer packages are optional and exist for some platforms only. */
function packagedPath(name: BinaryName): string | null {
  try {
    const found = createRequire(import.meta.url)(packages[name]) as { path: string };
    return found.path;
  } catch {
    return null;
  }
}

async function findDeathSignalPrefix(folders: readonly string[]): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const setpriv = await findIn(folders, 'setpriv');
  const harmless = await findIn(folders, 'true');
  if (setpriv === null || harmless === null) return [];
  const prefix = [setpriv, '--pdeathsig', 'KILL', '--'];
  try {
    // Small builds of setpriv do not know the option.
    await promisify(execFile)(setpriv, [...prefix.slice(1), harmless], { timeout: setprivTimeoutMs });
    return prefix;
  } catch {
    return [];
  }
}

function missing(name: BinaryName, advice: string): TerminalError {
  return new TerminalError(
    'MEDIA_TOOL_MISSING',
    `Videos and audio files need the program ${name}, which was not found. ${advice}`,
    {
      details: { program: name },
    },
  );
}
