import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
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
