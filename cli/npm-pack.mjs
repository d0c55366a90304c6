import { ensureBuilt } from './bootstrap/build.mjs';
import { bundlePackage } from './bootstrap/bundle.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { restoreManifest, writePackageManifest } from './bootstrap/manifest.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { runScript, StepFailed } from './bootstrap/project.mjs';

// `npm pack` and `npm publish`: before, the package is built and bundled; after (`--done`), package.json is the project's again.
await runScript(async () => {
  checkNodeVersion();
  if (process.argv.includes('--done')) {
    if (restoreManifest()) return;
    throw new StepFailed(
      'the package is not whole: something else was built or started here while it was packed. Run npm pack again.',
    );
  }
  await ensureInstalled();
  await ensureBuilt();
  writePackageManifest(await bundlePackage());
});
