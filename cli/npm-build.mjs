import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { runScript } from './bootstrap/project.mjs';

// `npm run build`: compiles the sources to dist and bundles the web app.
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled();
  await ensureBuilt({ always: true });
});
