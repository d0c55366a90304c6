import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInForeground } from './child.mjs';
import { projectRoot, say, StepFailed } from './project.mjs';

const stampFile = join(projectRoot, 'dist', '.heddle-build');
/** Folders of tsconfig.json that the product does not consist of. */
const notShipped = ['testing', 'bench', 'e2e'];
const testFile = /\.test\.tsx?$/;

/**
 * Compiles the sources to dist and bundles the web app, unless both are up to
 * date. `always` skips that question.
 */
export async function ensureBuilt({ always = false } = {}) {
  const references = JSON.parse(readFileSync(join(projectRoot, 'tsconfig.json'), 'utf8')).references;
  const shipped = references
    .map((reference) => reference.path)
    .filter((path) => !notShipped.includes(path.split('/')[0]));
  const hash = hashSources([...new Set(shipped.map((path) => path.split('/')[0]))]);
  if (!always && readStamp() === hash && existsSync(join(projectRoot, 'dist', 'cli', 'main.js'))) return;

  say('building ...');
  rmSync(stampFile, { force: true });
  const programs = shipped.filter((path) => path !== 'web');
  const node = (bin, args, env) =>
    runInForeground(process.execPath, [join(projectRoot, 'node_modules', bin), ...args], { env });
  const steps = [node('typescript/bin/tsc', ['-b', ...(developing() ? [] : ['--noCheck']), ...programs])];
  if (existsSync(join(projectRoot, 'web', 'index.html'))) {
    const vite = ['build', '--config', join('web', 'vite.config.ts'), '--logLevel', 'warn', join(projectRoot, 'web')];
    steps.push(node('vite/bin/vite.js', vite, { NODE_ENV: 'production' }));
  }
  const codes = await Promise.all(steps);
  const failed = codes.findIndex((code) => code !== 0);
  if (failed !== -1) {
    const name = failed === 0 ? 'tsc' : 'vite build';
    throw new StepFailed(`the build failed: ${name} ended with code ${codes[failed]}; its messages above say where.`);
  }
  mkdirSync(join(projectRoot, 'dist'), { recursive: true });
  writeFileSync(stampFile, hash);
}

/** False where `npm start` has installed no more than it needs: without the types of what tests use nothing can be checked. */
function developing() {
  return existsSync(join(projectRoot, 'node_modules', '@jest', 'globals'));
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
}

/** By content, so that a touched file costs nothing and a file restored with an old date is noticed. */
function hashSources(folders) {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(`${path}\0`);
    hash.update(readFileSync(join(projectRoot, path)));
  };
  ['tsconfig.base.json', 'tsconfig.json', 'package-lock.json']
    .filter((path) => existsSync(join(projectRoot, path)))
    .forEach(add);
  for (const folder of folders.toSorted()) {
    const entries = readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !testFile.test(entry.name));
    const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1));
    paths.toSorted().forEach(add);
  }
  return hash.digest('hex');
}
