import { existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { SourceTextModule, SyntheticModule, compileFunction } from 'node:vm';
import JestRuntime from 'jest-runtime';

const root = fileURLToPath(new URL('../../', import.meta.url));
// The modules of each file are new to V8, which optimizes what has run for a moment (132,000 at first). What most files do is
// over before that is earned back: a tenth of the processor time of Jest's processes.
setFlagsFromString('--interrupt-budget=1000000');

/** Packages that this process has loaded, by the name in the import; its test files share them. */
const packages = new Map();
/** What modules of the project became by the transform, and what V8 made of that, by their path. */
const compiled = new Map();

const isSource = (path) => path.endsWith('.ts') || path.endsWith('.tsx');
const isPath = (specifier) => specifier.startsWith('.') || specifier.startsWith('/');
/** What Jest makes for each file. */
const isOfFile = (specifier) => specifier === '@jest/globals' || specifier.startsWith('data:');

/**
 * Loads packages as Node does in use, once for all test files of a process: to evaluate bullmq, express, kysely, sharp and
 * zod anew for each of four hundred files took longer than most of the tests. Modules of the project are evaluated anew for
 * each file, as ever, so what one file makes them keep is not seen by the next; only their compiled code is kept.
 *
 * It goes with environment.mjs: everything lives in the one context of the process. Modules are not mocked here.
 */
export default class SharedPackagesRuntime extends JestRuntime {
  constructor(...args) {
    super(...args);
    const { esmLoader, executor } = this;
    // Neither modules nor Jest's own scripts get a context of their own.
    esmLoader.getContext = () => undefined;
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });

    const { resolveModule, loadEsmModule } = esmLoader;
    esmLoader.resolveModule = async (specifier, referencing, context) => {
      if (!isOfFile(specifier) && !isPath(specifier)) return await sharedPackage(specifier);
      const path = resolve(dirname(referencing), specifier);
      if (isPath(specifier) && isSource(path)) return this.#moduleOf(path);
      return await resolveModule.call(esmLoader, specifier, referencing, context);
    };
    esmLoader.loadEsmModule = async (path, suffix = '') =>
      isSource(path) && suffix === '' ? this.#moduleOf(path) : await loadEsmModule.call(esmLoader, path, suffix);
  }

  /** A module of the project, one for each test file; Jest links and evaluates it. */
  #moduleOf(path) {
    const registry = this.registries.getActiveEsmRegistry();
    const url = pathToFileURL(path).href;
    const known = registry.get(url);
    if (known !== undefined) return known;
    const source = this.#compile(path);
    const module = new SourceTextModule(source.code, {
      identifier: path,
      cachedData: source.cachedData,
      importModuleDynamically: this.esmLoader.dynamicImport,
      initializeImportMeta: (meta) =>
        Object.assign(meta, { url: this.#placeOf(path) ?? url, filename: path, dirname: dirname(path) }),
    });
    if (!source.importsLater) source.cachedData ??= module.createCachedData();
    registry.set(url, module);
    return module;
  }

  /** Where the module lies bundled for processes of its own (testing/bundle-children.ts); undefined for all others. */
  #placeOf(path) {
    const folder = process.env.HEDDLE_TEST_CHILDREN;
    if (folder === undefined) return undefined;
    const bundled = join(folder, relative(root, path).replace(/\.ts$/, '.js'));
    return existsSync(bundled) ? pathToFileURL(bundled).href : undefined;
  }

  #compile(path) {
    const { mtimeMs } = statSync(path);
    const { sourceMaps } = this.transformCache;
    let source = compiled.get(path);
    if (source === undefined || source.mtimeMs !== mtimeMs) {
      const code = this.transformCache.transform(path, { supportsDynamicImport: true, supportsStaticESM: true });
      // From V8's cache a module comes back without the callback of its `import()`.
      const importsLater = /\bimport\s*\(/.test(code);
      source = { code, mtimeMs, importsLater, map: sourceMaps.get(path), cachedData: undefined };
      compiled.set(path, source);
    }
    // Of this file's traces.
    if (source.map !== undefined) sourceMaps.set(path, source.map);
    return source;
  }
}

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
