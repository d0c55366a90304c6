import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ensureBuilt } from './bootstrap/build.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { projectRoot, runScript } from './bootstrap/project.mjs';

/** Reading the parent's id costs nothing; half a second is not felt at a stop. */
const lookMs = 500;

// `npm start`: makes a fresh clone ready and runs `heddle start` in this very process, so that signals need no passing on.
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled({ for: 'start' });
  await ensureBuilt();
  const program = join(projectRoot, 'dist', 'cli', 'main.js');
  process.argv = [process.execPath, program, 'start', ...process.argv.slice(2)];
  endWithNpm();
  await import(pathToFileURL(program).href);
});

/**
 * npm and its shell die of a SIGTERM without passing it on to this process. That they are gone is then taken as a
 * hang-up, which stops everything in order.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGHUP');
  }, lookMs);
  timer.unref();
}
