// `npm start` in a fresh clone with an empty environment: it must get ready, answer, stop in order on Ctrl-C, and be up
// quickly at the second start.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeInstallation, startAndStop } from './start-and-stop.mjs';

/** With download and build; and with everything in place, on a machine that does nothing else. */
const firstStartMs = 240_000;
const laterStartMs = 30_000;

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'heddle-smoke-'));
execFileSync('git', ['clone', '--quiet', project, folder], { stdio: 'inherit' });

const started = { command: ['npm', 'start'], folder };
try {
  // As a terminal does it, to the whole group; and as a supervisor does it, to npm alone.
  await startAndStop({
    ...started,
    name: 'first',
    limitMs: firstStartMs,
    stop: (npm) => process.kill(-npm, 'SIGINT'),
  });
  await startAndStop({
    ...started,
    name: 'second',
    limitMs: laterStartMs,
    stop: (npm) => process.kill(npm, 'SIGTERM'),
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  removeInstallation(folder);
}
