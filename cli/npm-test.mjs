import { join } from 'node:path';
import { runInForeground } from './bootstrap/child.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { checkNodeVersion } from './bootstrap/node-version.mjs';
import { projectRoot, runScript } from './bootstrap/project.mjs';

// `npm test`: installs what is missing and runs Jest with the arguments given after `--`.
await runScript(async () => {
  checkNodeVersion();
  await ensureInstalled();
  const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js');
  // The workers of Jest read this from their environment; tests are ES modules.
  const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings'].filter(Boolean).join(' ');
  const env = { NODE_OPTIONS: options, NODE_ENV: 'test' };
  process.exitCode = await runInForeground(process.execPath, [jest, ...process.argv.slice(2)], { env });
});
