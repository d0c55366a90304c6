import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { removeOldBundles } from './bundle-programs.ts';
import { publishBundledChildren } from './config.ts';
import { projectRoot } from './processes.ts';

/** Who starts processes of its own from the sources, and what runs in them. */
const starters = ['media/image/image-process.ts', 'nodes/connect/code/executor-processes.ts'];
const entries = ['media/image/entry.ts', 'nodes/connect/code/executor-child.ts'];
/** Named to the image processes by their own place. */
const operations = 'media/operations';
/** Stay where they are: native code, and files that are found beside it. */
const external = ['sharp', '@jitl/*', 'quickjs-emscripten-core'];
/** Within what the package leaves out, whoever packs after a test. */
const place = join(projectRoot, 'dist', 'testing', 'children');
/** In the place of the folder until its name is known. */
const unnamed = 'file:///folder-of-the-children';

/**
 * Bundles the processes that decode pictures and run code: read from the sources, through a loader, each takes a second to
 * start, of which bundled a third is left. The modules that start them, and the operations, are told that they lie in the
 * folder (jest/runtime.mjs). A fraction of a second; other runs with the same sources share the result.
 */
export async function bundleChildren(): Promise<void> {
  const named = (await readdir(join(projectRoot, operations))).filter((name) => /^[\w-]+\.ts$/.test(name));
  const { outputFiles } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [...starters, ...entries, ...named.map((name) => `${operations}/${name}`)],
    outbase: '.',
    outdir: place,
    write: false,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    plugins: [placesInFolder],
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    logLevel: 'error',
  });
  const hash = createHash('sha256');
  for (const { path, contents } of outputFiles) hash.update(path).update(contents);
  const folder = join(place, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    await mkdir(place, { recursive: true });
    await removeOldBundles(place);
    const unfinished = await mkdtemp(join(place, 'unfinished-'));
    for (const { path, text } of outputFiles) {
      const file = join(unfinished, relative(place, path));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text.replaceAll(unnamed, pathToFileURL(folder).href));
    }
    // Another run may have been faster; what it made is the same.
    await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  publishBundledChildren(folder);
}

/** Files that ask where they are hear where they come to lie. */
const placesInFolder: Plugin = {
  name: 'places-in-folder',
  setup(bundler) {
    bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const own = `${unnamed}/${relative(projectRoot, path).replaceAll('\\', '/').replace(/\.ts$/, '.js')}`;
      return { contents: source.replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(own)), loader: 'ts' };
    });
  },
};
