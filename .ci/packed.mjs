// The package that `npm pack` makes of a build: `npx` starts it in an empty folder, without building anything.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeInstallation, startAndStop } from './start-and-stop.mjs';

/** With the download of what it depends on; and beside a cache that has it all. */
const coldStartMs = 240_000;
const warmStartMs = 120_000;

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'heddle-packed-'));
const npm = (...args) =>
  execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
try {
  // What is packed is the build that is there.
  const [{ filename, size, unpackedSize }] = JSON.parse(
    npm('pack', '--ignore-scripts', '--json', '--pack-destination', folder),
  );
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`the package: ${megabytes(size)}, ${megabytes(unpackedSize)} unpacked`);
  for (const [name, limitMs] of [
    ['cold', coldStartMs],
    ['warm', warmStartMs],
  ]) {
    const empty = join(folder, name);
    mkdirSync(empty);
    // A folder of its own for what npx installs, so that each start installs it.
    const npx = ['npx', '--yes', '--prefer-offline', '--cache', join(folder, 'cache'), '-p', join(folder, filename)];
    if (name === 'warm') rmSync(join(folder, 'cache', '_npx'), { recursive: true, force: true });
    try {
      await startAndStop({
        name,
        command: [...npx, 'heddle', 'start'],
        folder: empty,
        limitMs,
        stop: (npm) => process.kill(-npm, 'SIGINT'),
      });
    } finally {
      removeInstallation(empty);
    }
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  removeInstallation(folder);
}
