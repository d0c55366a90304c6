import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Packages {
  readonly name: string;
  /** With their versions: a figure is worth nothing without. */
  readonly packages: readonly string[];
  /** Those whose install scripts run. No other script of a package runs. */
  readonly scriptsOf?: readonly string[];
}

/**
 * Installs packages of npm, unless they are there, into a folder under the
 * system's temporary one and returns it. They are measured, not used: nothing of this
 * project depends on them. Takes the registry that npm is set to.
 */
export async function installPackages({ name, packages, scriptsOf = [] }: Packages, env: NodeJS.ProcessEnv) {
  const folder = path.join(tmpdir(), 'heddle-bench-peers', name);
  const stamp = path.join(folder, 'installed');
  const wanted = packages.join(' ');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return folder;
  console.log(`installing ${wanted} into ${folder}; npm must reach its registry`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];
  await npm(folder, env, ['install', '--ignore-scripts', ...quietly, ...packages]);
  if (scriptsOf.length > 0) await npm(folder, env, ['rebuild', ...quietly, ...scriptsOf]);
  await writeFile(stamp, wanted);
  return folder;
}

async function npm(folder: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  const child = spawn('npm', args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('close', resolve).once('error', reject),
  );
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with code ${code}.`);
}
