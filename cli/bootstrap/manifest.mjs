import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.mjs';

const manifest = join(projectRoot, 'package.json');
/** The project's own package.json, while the package's stands in its place. */
const kept = join(projectRoot, 'dist', '.heddle-manifest.json');

/**
 * npm packs the package.json that lies in the project, so for that moment it is the package's: it starts the bundles and
 * depends on nothing but what is left beside them.
 */
export function writePackageManifest(dependencies) {
  const own = readFileSync(manifest, 'utf8');
  const { name, version, description, license, private: isPrivate, type, files, engines } = JSON.parse(own);
  const packed = {
    ...{ name, version, description, license, private: isPrivate, type, files, engines },
    bin: { heddle: 'dist/packed/cli/main.js' },
    imports: { '#place': './dist/packed/place.js' },
    ...dependencies,
  };
  writeFileSync(kept, own);
  replaceManifest(`${JSON.stringify(packed, null, 2)}\n`);
}

/** Puts the project's own back; whatever is called next does so where packing was cut off. False: it was back already. */
export function restoreManifest() {
  if (!existsSync(kept)) return false;
  const own = readFileSync(kept, 'utf8');
  // Where somebody has put another there since, that one stays.
  if (JSON.parse(readFileSync(manifest, 'utf8')).imports?.['#place'] !== undefined) replaceManifest(own);
  rmSync(kept);
  return true;
}

/** In one step: nobody reads half of it. */
function replaceManifest(text) {
  const unfinished = join(projectRoot, 'dist', '.heddle-manifest-unfinished.json');
  writeFileSync(unfinished, text);
  renameSync(unfinished, manifest);
}
