import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from './processes.ts';

const run = promisify(execFile);
const output = path.join(projectRoot, 'dist');
/** What the compiler notes about the programs. */
const notes = path.join(output, '.tsbuildinfo', 'server.json');
/** Hold nothing that tests start. */
const left = new Set(['bench', 'dist', 'docker', 'e2e', 'lint', 'node_modules', 'web']);

/**
 * Compiles what tests start as processes of their own: compiled, a process is up
 * in a second; from source it takes several. A moment when nothing has changed.
 *
 * Where the compiler has not been yet, as in a fresh clone, types are only stripped: to check them took as long as fifty
 * test files, and is a step of its own (`npm run typecheck`). Without its notes the compiler writes everything anew later.
 */
export async function compilePrograms(): Promise<void> {
  await (existsSync(notes) ? compile() : stripTypes());
}

async function compile(): Promise<void> {
  const compiler = path.join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    await run(process.execPath, [compiler, '-b', 'server', 'worker', 'cli', 'testing'], { cwd: projectRoot });
  } catch (error) {
    throw new Error(`The programs do not compile:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}

async function stripTypes(): Promise<void> {
  const folders = (await readdir(projectRoot, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !left.has(entry.name),
  );
  const entryPoints: string[] = [];
  for (const { name } of folders) {
    for (const file of await readdir(path.join(projectRoot, name), { recursive: true })) {
      if (/(?<!\.test|\.d)\.ts$/.test(file) && !/^(?:dist|node_modules)\b/.test(file))
        entryPoints.push(path.join(name, file));
    }
  }
  await build({
    absWorkingDir: projectRoot,
    entryPoints,
    outbase: '.',
    outdir: output,
    // Each file is bundled with nothing: so its imports can be renamed.
    bundle: true,
    packages: 'external',
    plugins: [toCompiled],
    platform: 'node',
    format: 'esm',
    target: 'es2023',
    sourcemap: true,
    logLevel: 'error',
  });
}

/** Imports of the project's files name what they become, as the compiler writes them. */
const toCompiled: Plugin = {
  name: 'to-compiled',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\.?\// }, ({ kind, path: file }) =>
      kind === 'entry-point' ? undefined : { path: file.replace(/\.ts$/, '.js'), external: true },
    );
  },
};
