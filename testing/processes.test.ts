import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chmod, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { isProcessAlive } from '../embedded/process-info.ts';
import { eventually } from './eventually.ts';
import { projectRoot } from './processes.ts';

test('a program that a test started ends with the test, also when that is killed', async () => {
  const module = pathToFileURL(join(projectRoot, 'dist', 'testing', 'processes.js')).href;
  // A fake model server stands for any program: it runs until somebody ends it.
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { createProjectProcesses } = await import(${JSON.stringify(module)});
       const child = createProjectProcesses().start({ entry: 'testing/fake-gemini-main.ts', env: {} });
       console.log((await child.waitUntilReady()).url);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [url] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  expect(await answers()).toBe(true);
  parent.kill('SIGKILL');
  await eventually(async () => !(await answers()));
});

test('the services of a run that is killed end, and their folder goes', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'heddle-killed-'));
  await chmod(dataDir, 0o711);
  const module = pathToFileURL(join(projectRoot, 'dist', 'testing', 'clean-up-after.js')).href;
  const services = pathToFileURL(join(projectRoot, 'dist', 'embedded', 'postgres.js')).href;
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { createEmbeddedPostgres } = await import(${JSON.stringify(services)});
       const { cleanUpAfterThisProcess } = await import(${JSON.stringify(module)});
       cleanUpAfterThisProcess(${JSON.stringify(dataDir)});
       const { pid } = await createEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false }).start();
       console.log(pid);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  const pid = Number(line);
  expect(await isProcessAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await eventually(async () => !(await isProcessAlive(pid)));
  await eventually(async () => !(await readdir(tmpdir())).includes(basename(dataDir)));
});
