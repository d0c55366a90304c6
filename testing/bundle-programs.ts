import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from './processes.ts';

/** What tests start some hundreds of times, and what these start in their turn. */
const programs = [
  ...['server/main', 'worker/main', 'testing/probed-server-main', 'testing/probed-worker-main'],
  ...['cli/main', 'cli/stack/exit-with-parent', 'server/sign-in-link-main'],
];
/** Starts other programs by their place beside its own: finds them in the bundle. */
const starter = join('cli', 'stack', 'role-program.js');
/** Stay where they are: native code, and what few start. */
const external = ['sharp', '@opentelemetry/*'];
/** Runs a bundle, from the compiled files. */
const runner = pathToFileURL(join(projectRoot, 'dist', 'testing', 'run-compiled.js')).href;
/** What lies beside them in dist. */
const notOfPrograms = new Set(['bench', 'docker', 'e2e', 'lint', 'packed', 'web']);
/** Within what the package leaves out, whoever packs after a test. */
const place = join(projectRoot, 'dist', 'testing', 'bundled');
/** A test run is over long before. */
const keptForMs = 24 * 60 * 60_000;

/**
 * Puts each of the compiled programs into one file: to find and read the two thousand files of one costs two thirds of its
 * start, and what V8 has compiled of one file is kept for the next start (run-compiled.ts). What a file knows by its own
 * place it goes on finding there, but for the programs of a stack. Resolves with the folder, `server/main.js` and so on; a
 * moment when nothing has changed.
 */
export async function bundlePrograms(): Promise<string> {
  const folder = join(place, await fingerprint());
  if (existsSync(folder)) return folder;
  await mkdir(place, { recursive: true });
  await removeOldBundles(place);
  const unfinished = await mkdtemp(join(place, 'unfinished-'));
  await build({
    absWorkingDir: join(projectRoot, 'dist'),
    entryPoints: programs.map((program) => `${program}.js`),
    outbase: '.',
    outdir: unfinished,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Scripts from V8's cache have no way to load modules late: these are required late.
    supported: { 'dynamic-import': false },
    keepNames: true,
    external,
    plugins: [ownPlaces(folder)],
    banner: { js: '(function (require, module, exports) {' },
    footer: { js: '})' },
    logLevel: 'error',
  });
  for (const program of programs) {
    const start = `import { runCompiled } from '${runner}';\nrunCompiled(${JSON.stringify(join(folder, `${program}.cjs`))});\n`;
    await writeFile(join(unfinished, `${program}.js`), start);
  }
  // Another run may have been faster; what it made is the same.
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  return folder;
}

/** Of everything that goes in. */
async function fingerprint(): Promise<string> {
  const dist = join(projectRoot, 'dist');
  const hash = createHash('sha256');
  hash.update(external.join());
  hash.update(await readFile(join(projectRoot, 'package-lock.json')));
  const folders = (await readdir(dist, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notOfPrograms.has(entry.name),
  );
  for (const folder of folders.map(({ name }) => name).toSorted()) {
    const names = (await readdir(join(dist, folder), { recursive: true })).filter(
      (name) => /(?<!\.test)\.js$/.test(name) && !(folder === 'testing' && /^(?:bundled|children)\b/.test(name)),
    );
    for (const name of names.toSorted()) hash.update(name).update(await readFile(join(dist, folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Of other sources, and of runs that are long over. */
export async function removeOldBundles(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const folder = join(place, name);
    if (Date.now() - (await stat(folder)).mtimeMs > keptForMs) await rm(folder, { recursive: true, force: true });
  }
}

/** Files that ask where they are hear where they were; the one that starts programs, where it comes to lie. */
const ownPlaces = (folder: string): Plugin => ({
  name: 'own-places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.[cm]?js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const isCommonJs = path.includes(`${sep}node_modules${sep}`) && /\b__(dirname|filename)\b/.test(source);
      const places = `var __dirname = ${JSON.stringify(dirname(path))}, __filename = ${JSON.stringify(path)}; `;
      const own = path.endsWith(`${sep}${starter}`) ? join(folder, starter) : path;
      const contents = source.replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(own).href));
      if (contents === source && !isCommonJs) return undefined;
      return { contents: isCommonJs ? places + contents : contents, loader: 'js' };
    });
  },
});
