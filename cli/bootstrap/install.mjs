import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInForeground } from './child.mjs';
import { projectRoot, say, StepFailed } from './project.mjs';

const stampFile = join(projectRoot, 'node_modules', '.heddle-install');

/**
 * Installs the dependencies unless those in node_modules fit package.json and
 * package-lock.json. `npm install` and never `npm ci`: behind a partial mirror
 * the lock lacks packages of other platforms, and `npm ci` then refuses.
 */
export async function ensureInstalled() {
  const wanted = installHash();
  if (readText(stampFile) === wanted) return;
  if (!installedPackagesFit()) {
    say('installing dependencies (this takes about a minute the first time) ...');
    const args = ['install', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    const code = await runNpm(args);
    if (code !== 0) {
      throw new StepFailed(
        `npm install ended with code ${code}. Its messages above say why; most often the network or the registry cannot be reached.`,
      );
    }
  }
  // After the install: npm may have completed package-lock.json.
  writeFileSync(stampFile, installHash());
}

function runNpm(args) {
  // When npm runs this script it names its own program, which is then the one to use again.
  const program = process.env.npm_execpath;
  if (program?.endsWith('.js')) return runInForeground(process.execPath, [program, ...args]);
  const isWindows = process.platform === 'win32';
  return runInForeground(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows });
}

/** Changes with the dependencies, the platform and the ABI of Node, for which native packages are built. */
function installHash() {
  const hash = createHash('sha256');
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    readText(join(projectRoot, 'package.json')),
  );
  hash.update(JSON.stringify([dependencies, optionalDependencies, devDependencies]));
  hash.update(readText(join(projectRoot, 'package-lock.json')));
  hash.update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  return hash.digest('hex');
}

/** True when npm's own record of node_modules has every package that the lock asks for. */
function installedPackagesFit() {
  const record = readJson(join(projectRoot, 'node_modules', '.package-lock.json'));
  const lock = readJson(join(projectRoot, 'package-lock.json'));
  if (record === undefined || lock === undefined) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return dependenciesFit(wanted);
    const installed = record.packages[path];
    // Optional packages are left out where they do not fit the platform.
    if (installed === undefined) return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
    return installed.version === wanted.version && existsSync(join(projectRoot, path));
  });
}

/** False when package.json was edited since the lock was written. */
function dependenciesFit(locked) {
  const manifest = readJson(join(projectRoot, 'package.json'));
  return ['dependencies', 'devDependencies', 'optionalDependencies'].every((kind) => {
    const [wanted, known] = [manifest[kind] ?? {}, locked[kind] ?? {}];
    return Object.entries(wanted).every(([name, version]) => known[name] === version);
  });
}

function readJson(path) {
  const text = readText(path);
  return text === '' ? undefined : JSON.parse(text);
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
