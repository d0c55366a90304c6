import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { projectRoot, runScript } from './bootstrap/project.mjs';

// `npm start`: makes a fresh clone ready and runs `heddle start` in this very process, so that signals need no passing on.
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled();
  await ensureBuilt();
  const program = join(projectRoot, 'dist', 'cli', 'main.js');
  process.argv = [process.execPath, program, 'start', ...process.argv.slice(2)];
  await import(pathToFileURL(program).href);
});
