import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const readJson = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const buildPackages = readJson('cli/bootstrap/build-packages.json') as readonly string[];
const manifest = readJson('package.json') as Record<'dependencies' | 'devDependencies', Record<string, string>>;

/** Packages that files of the web app import, by name, each with one file that does. */
function importedPackages(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of ['web', 'nodes', 'core']) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      if (!/\.(ts|tsx|css)$/.test(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
      if (folder === 'nodes' && !entry.name.endsWith('.tsx')) continue;
      for (const [, specifier] of readFileSync(file, 'utf8').matchAll(
        /(?:from |import\(|import )'([@a-z][\w@./-]*)'/g,
      )) {
        const name = specifier!
          .split('/')
          .slice(0, specifier!.startsWith('@') ? 2 : 1)
          .join('/');
        // A template of what others write.
        if (name === '@heddle/client') continue;
        if (!name.startsWith('node:') && !builtinModules.includes(name)) found.set(name, path.relative(root, file));
      }
    }
  }
  return found;
}

describe('what the build is made with', () => {
  test('names every package that the web app imports and that is no dependency of the servers', () => {
    const missing = [...importedPackages()].filter(
      ([name]) => !(name in manifest.dependencies) && !buildPackages.includes(name),
    );
    expect(missing).toEqual([]);
    expect(importedPackages().has('react')).toBe(true);
  });

  test('names devDependencies only', () => {
    expect(buildPackages.filter((name) => !(name in manifest.devDependencies))).toEqual([]);
  });
});
