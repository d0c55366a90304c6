import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInForeground } from './child.mjs';
import { restoreManifest } from './manifest.mjs';
import { projectRoot, say, StepFailed } from './project.mjs';

const modules = join(projectRoot, 'node_modules');
const stampFile = join(modules, '.heddle-install');
/**
 * Packages of devDependencies that the build is made with: what the web app consists of, and what compiles and bundles.
 * A test holds that nothing is missing.
 */
const buildPackages = readJson(join(projectRoot, 'cli', 'bootstrap', 'build-packages.json'));
/** Packages that hold a program which is taken from PATH where it is there: 140 MB that nobody would use then. */
const programs = { '@ffmpeg-installer/ffmpeg': 'ffmpeg', '@ffprobe-installer/ffprobe': 'ffprobe' };
/** Where a smaller set is installed before it takes its place; the build's folder, for no file of it is kept in git. */
const stage = join(projectRoot, 'dist', '.install');

/**
 * Installs the dependencies unless those in node_modules fit package.json and package-lock.json. `npm install` and
 * never `npm ci`: behind a partial mirror the lock lacks packages of other platforms, and `npm ci` then refuses.
 *
 * `for: 'start'` needs what runs and what the build is made with, about half of the packages; `for: 'everything'`
 * (default) also what lint, tests and benches need. Neither takes away what the other has installed. A start leaves out
 * ffmpeg and ffprobe where PATH has them, and installs them once it has not; and maps, sources and texts of packages.
 */
export async function ensureInstalled({ for: purpose = 'everything' } = {}) {
  restoreManifest();
  const wanted = installHash();
  const [known, extent, ...leftOut] = readText(stampFile).split(' ');
  const isThere = extent === purpose && hasBuildPackages() && leftOut.every((name) => isOnPath(programs[name]));
  if (known === wanted && (extent === 'everything' || isThere)) return;
  if (purpose === 'start' && (!existsSync(modules) || extent === 'start')) {
    const without = await installForStart();
    // After the install: npm may have completed package-lock.json.
    writeFileSync(stampFile, [installHash(), 'start', ...without].join(' '));
    return;
  }
  if (!installedPackagesFit()) {
    say('installing dependencies (this takes about a minute the first time) ...');
    // Cut off, it leaves what nobody can rely on.
    rmSync(stampFile, { force: true });
    await npmInstall(projectRoot, ['--include=dev']);
  }
  writeFileSync(stampFile, `${installHash()} everything`);
}

/**
 * npm knows no third kind beside what runs and what develops. So a manifest that names less, with the same lock, is
 * installed beside the project, and its node_modules takes the place of the project's. Gives what it left out.
 */
async function installForStart() {
  say('installing dependencies (this takes half a minute the first time) ...');
  await removeStage();
  mkdirSync(stage, { recursive: true });
  const manifest = readJson(join(projectRoot, 'package.json'));
  const { devDependencies, optionalDependencies = {}, ...kept } = manifest;
  const without = Object.keys(optionalDependencies).filter((name) => name in programs && isOnPath(programs[name]));
  const optional = Object.entries(optionalDependencies).filter(([name]) => !without.includes(name));
  const forBuild = Object.entries(devDependencies).filter(([name]) => buildPackages.includes(name));
  const named = {
    ...kept,
    scripts: {},
    optionalDependencies: Object.fromEntries(optional),
    devDependencies: Object.fromEntries(forBuild),
  };
  writeFileSync(join(stage, 'package.json'), JSON.stringify(named));
  for (const file of ['package-lock.json', '.npmrc']) {
    if (existsSync(join(projectRoot, file))) cpSync(join(projectRoot, file), join(stage, file));
  }
  await npmInstall(stage, ['--include=dev']);
  removeUnused(join(stage, 'node_modules'));
  const old = join(stage, 'replaced');
  if (existsSync(modules)) await move(modules, old);
  await move(join(stage, 'node_modules'), modules);
  await removeStage();
  return without;
}

/** At the top of a package: what only who works on it looks at. */
const unusedFolders = new Set([
  'benchmark',
  'benchmarks',
  'coverage',
  'doc',
  'docs',
  'example',
  'examples',
  'test',
  'tests',
  '__tests__',
]);
/** Texts, maps and the sources that these lead to, and what others are compiled, checked or linked with. */
const unusedFile = /\.(?:[cm]?[jt]s|css)\.map$|(?<!\.d(?:\.\w+)?)\.[cm]?ts$|\.(?:a|cc|flow|markdown|md|tsbuildinfo)$/i;
/** Stay with what they are of. */
const license = /licen[cs]e|notice|copying/i;

/** Nearly a quarter of the bytes of packages, and more than a third of their files. */
function removeUnused(folder) {
  for (const name of namesOfPackages(folder)) removeUnusedIn(join(folder, name), true);
}

function removeUnusedIn(folder, isPackage) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name === 'node_modules') removeUnused(path);
    else if (entry.isDirectory() && isPackage && unusedFolders.has(entry.name)) rmSync(path, { recursive: true });
    else if (entry.isDirectory()) removeUnusedIn(path, false);
    else if (entry.isFile() && unusedFile.test(entry.name) && !license.test(entry.name)) unlinkSync(path);
  }
}

/** With their scopes. */
function namesOfPackages(folder) {
  return foldersIn(folder).flatMap((name) =>
    name.startsWith('@') ? foldersIn(join(folder, name)).map((own) => join(name, own)) : [name],
  );
}

function foldersIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** As media/video/binaries.ts looks for them. */
function isOnPath(program) {
  const file = process.platform === 'win32' ? `${program}.exe` : program;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function removeStage() {
  await rm(stage, { recursive: true, force: true, maxRetries: 20 });
}

/** On Windows a folder whose files somebody looks at, such as a virus scanner, cannot be moved at that moment. */
async function move(from, to) {
  for (let triesLeft = process.platform === 'win32' ? 60 : 0; ; triesLeft -= 1) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (triesLeft === 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(error.code)) throw error;
      await sleep(500);
    }
  }
}

/** Another state of the project may be built with more, of the same dependencies. */
function hasBuildPackages() {
  return buildPackages.every((name) => existsSync(join(modules, name)));
}

async function npmInstall(cwd, args) {
  const all = ['install', ...args, '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await runNpm(all, cwd);
  if (code === 0) return;
  throw new StepFailed(
    `npm install ended with code ${code}. Its messages above say why; most often the network or the registry cannot be reached.`,
  );
}

function runNpm(args, cwd) {
  // When npm runs this script it names its own program, which is then the one to use again.
  const program = process.env.npm_execpath;
  // And it names the project's folder to npm processes below it, wherever those are started.
  const env = { npm_config_local_prefix: cwd };
  if (program?.endsWith('.js')) return runInForeground(process.execPath, [program, ...args], { cwd, env });
  const isWindows = process.platform === 'win32';
  return runInForeground(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, cwd, env });
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
  const record = readJson(join(modules, '.package-lock.json'));
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
