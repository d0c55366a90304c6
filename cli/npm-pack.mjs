import { ensureBuilt } from './bootstrap/build.mjs';
import { bundlePackage } from './bootstrap/bundle.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { restoreManifest, writePackageManifest } from './bootstrap/manifest.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { runScript } from './bootstrap/project.mjs';

// `npm pack` and `npm publish`: before, the package is built and bundled; after (`--done`), package.json is the project's again.
await runScript(async () => {
  checkNodeVersion();
  if (process.argv.includes('--done')) {
    restoreManifest();
    return;
  }
  await ensureInstalled();
  await ensureBuilt();
  writePackageManifest(await bundlePackage());
});
