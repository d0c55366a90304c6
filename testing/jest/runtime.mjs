import { existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { SourceTextModule, SyntheticModule, compileFunction } from 'node:vm';
import JestRuntime from 'jest-runtime';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Much of what most files run is over before it would be earned back that V8 optimized it, which it does with what has run for
// a moment (132,000 at first): a tenth of the processor time of Jest's processes.
setFlagsFromString('--interrupt-budget=1000000');

/** Packages that this process has loaded, by the name in the import; its test files share them. */
const packages = new Map();
/** Modules of the product that this process has loaded, by their path; its test files share them too. */
const product = new Map();
/** What modules of the project became by the transform, and what V8 made of that, by their path. */
const compiled = new Map();
/** The end of the last load of the product: one after another, so that no module is met half linked. */
let loaded = Promise.resolve();
/** Jest's transform for the present test file. */
let transformCache;
/** Where modules lie bundled for processes of their own (testing/bundle-children.ts). */
let bundles;

const isSource = (path) => path.endsWith('.ts') || path.endsWith('.tsx');
const isPath = (specifier) => specifier.startsWith('.') || specifier.startsWith('/');
/** What Jest makes for each file. */
const isOfFile = (specifier) => specifier === '@jest/globals' || specifier.startsWith('data:');
/** Tests, what they are made of, and the editor, which looks at the browser as soon as it is imported and keeps what it loads. */
const evaluatedAnew = /\.test\.ts$|\.tsx$|^(?:testing|web|bench|e2e|lint)[\\/]|^nodes[\\/]canvas-definitions\.ts$/;
/** Of what tests are made of: it keeps connections from one file to the next. */
const evaluatedOnce = join('testing', 'postgres-administration.ts');
const isProduct = (path) =>
  isSource(path) && (relative(root, path) === evaluatedOnce || !evaluatedAnew.test(relative(root, path)));

/**
 * Loads packages and the product as Node does in use, once for all test files of a process: to evaluate bullmq, express,
 * kysely, sharp and zod anew for each of four hundred files took longer than most of the tests, and V8 optimized the same
 * functions again and again. What modules of the product keep are constants and what follows from their arguments. Tests,
 * their helpers and the editor are evaluated anew for each file; only their compiled code is kept.
 *
 * It goes with environment.mjs: everything lives in the one context of the process. Modules are not mocked here.
 */
export default class SharedModulesRuntime extends JestRuntime {
  constructor(...args) {
    super(...args);
    const { esmLoader, executor } = this;
    transformCache = this.transformCache;
    // Neither modules nor Jest's own scripts get a context of their own.
    esmLoader.getContext = () => undefined;
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });

    const { resolveModule, loadEsmModule } = esmLoader;
    esmLoader.resolveModule = async (specifier, referencing, context) => {
      if (!isOfFile(specifier) && !isPath(specifier)) return await sharedPackage(specifier);
      const path = resolve(dirname(referencing), specifier);
      if (isPath(specifier) && isSource(path)) return await this.#load(path);
      return await resolveModule.call(esmLoader, specifier, referencing, context);
    };
    esmLoader.loadEsmModule = async (path, suffix = '') =>
      isSource(path) && suffix === '' ? await this.#load(path) : await loadEsmModule.call(esmLoader, path, suffix);

    // Changed since, as in watch mode; others import it.
    if (bundles !== process.env.HEDDLE_TEST_CHILDREN || [...product.keys()].some(isChanged)) product.clear();
    bundles = process.env.HEDDLE_TEST_CHILDREN;
    for (const path of product.keys()) compile(path);
  }

  #load(path) {
    return isProduct(path) ? loadProduct(path) : this.#ownModule(path);
  }

  /** A module that each test file has one of; Jest links and evaluates it. */
  #ownModule(path) {
    const registry = this.registries.getActiveEsmRegistry();
    const url = pathToFileURL(path).href;
    const known = registry.get(url);
    if (known !== undefined) return known;
    const module = createModule(path, this.esmLoader.dynamicImport);
    registry.set(url, module);
    return module;
  }
}

/** A module of the product, linked and evaluated with all that it imports. */
function loadProduct(path) {
  const known = product.get(path);
  if (known?.status === 'evaluated') return known;
  const load = loaded.then(async () => {
    try {
      const module = productModule(path);
      if (module.status === 'unlinked') await module.link(imported);
      await module.evaluate();
      return module;
    } catch (error) {
      // What it has linked by then is of no use to the next file.
      product.clear();
      throw error;
    }
  });
  loaded = load.catch(() => {});
  return load;
}

function productModule(path) {
  const known = product.get(path);
  if (known !== undefined) return known;
  const module = createModule(path, async (specifier, { identifier }) =>
    isPath(specifier) ? await loadProduct(resolve(dirname(identifier), specifier)) : await sharedPackage(specifier),
  );
  product.set(path, module);
  return module;
}

/** What a module of the product imports, linked or not. */
function imported(specifier, { identifier }) {
  if (!isPath(specifier)) return sharedPackage(specifier);
  const path = resolve(dirname(identifier), specifier);
  if (isProduct(path)) return productModule(path);
  throw new Error(`${identifier} imports ${specifier}, which only tests and the editor may: testing/jest/runtime.mjs`);
}

function createModule(path, importModuleDynamically) {
  const source = compile(path);
  const module = new SourceTextModule(source.code, {
    identifier: path,
    cachedData: source.cachedData,
    importModuleDynamically,
    initializeImportMeta: (meta) =>
      Object.assign(meta, {
        url: placeOf(path) ?? pathToFileURL(path).href,
        filename: path,
        dirname: dirname(path),
      }),
  });
  if (!source.importsLater && !isProduct(path)) source.cachedData ??= module.createCachedData();
  return module;
}

/** Where the module lies bundled; undefined for most. */
function placeOf(path) {
  if (bundles === undefined) return undefined;
  const bundled = join(bundles, relative(root, path).replace(/\.ts$/, '.js'));
  return existsSync(bundled) ? pathToFileURL(bundled).href : undefined;
}

/** The code of a module; its map is that of the present file's traces. */
function compile(path) {
  const { sourceMaps } = transformCache;
  if (!compiled.has(path) || isChanged(path)) {
    const { mtimeMs } = statSync(path);
    const code = transformCache.transform(path, { supportsDynamicImport: true, supportsStaticESM: true });
    // From V8's cache a module comes back without the callback of its `import()`.
    const importsLater = /\bimport\s*\(/.test(code);
    compiled.set(path, { code, mtimeMs, importsLater, map: sourceMaps.get(path), cachedData: undefined });
  }
  const source = compiled.get(path);
  if (source.map !== undefined) sourceMaps.set(path, source.map);
  return source;
}

const isChanged = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs !== compiled.get(path)?.mtimeMs;

async function sharedPackage(specifier) {
  const name = isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier;
  if (!packages.has(name)) packages.set(name, loadPackage(name));
  return await packages.get(name);
}

async function loadPackage(name) {
  const exports = await import(name);
  const names = Object.keys(exports);
  const module = new SyntheticModule(
    names,
    () => {
      for (const each of names) module.setExport(each, exports[each]);
    },
    { identifier: name },
  );
  await module.link(() => {});
  await module.evaluate();
  return module;
}

/** Jest takes the default export of what says so. */
export const __esModule = true;
