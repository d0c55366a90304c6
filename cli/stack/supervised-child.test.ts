import { afterEach, describe, expect, test } from '@jest/globals';
import { isProcessAlive } from '../../embedded/process-info.ts';
import { eventually } from '../../testing/eventually.ts';
import { createSupervisedChild, type SupervisedChild } from './supervised-child.ts';

const children: SupervisedChild[] = [];
const pids: number[] = [];
const delays: number[] = [];
const lines: string[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop()));
  for (const list of [pids, delays, lines]) list.length = 0;
});

/** A supervised Node that runs `code`; pauses between restarts begin at 1 ms. */
function supervise(code: string, { graceMs = 5_000, healthyAfterMs = 600_000 } = {}): SupervisedChild {
  const child = createSupervisedChild({
    name: 'worker',
    args: ['-e', code],
    environment: {},
    onLine: (line) => lines.push(line),
    onMessage: () => {},
    onSpawn: (pid) => pids.push(pid),
    onCrash: (_, delayMs) => delays.push(delayMs),
    graceMs,
    firstDelayMs: 1,
    healthyAfterMs,
  });
  children.push(child);
  return child;
}

const sayReady = `console.log('{"ready":true}');`;
const stay = `setInterval(() => {}, 1000);`;

describe('a supervised child', () => {
  test('is started again after each crash, with pauses that double', async () => {
    await supervise(`${sayReady} setTimeout(() => process.exit(3), 1)`).start();
    await eventually(() => delays.length >= 4);
    expect(delays.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(new Set(pids).size).toBe(pids.length);
  });

  test('security case 14: has short pauses again when it worked well in between', async () => {
    await supervise(`${sayReady} setTimeout(() => process.exit(3), 1)`, { healthyAfterMs: 0 }).start();
    await eventually(() => delays.length >= 4);
    expect(delays.slice(0, 4)).toEqual([1, 1, 1, 1]);
  });

  test('security case 14: has short pauses while the services that it needs are away', async () => {
    await supervise(`${sayReady} process.send('services away', () => process.exit(1))`).start();
    await eventually(() => delays.length >= 4);
    expect(delays.slice(0, 4)).toEqual([1, 1, 1, 1]);
  });

  test('is started again while what it had started still holds its output, and takes that along when it is ended', async () => {
    const start = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(stay)}], { stdio: 'inherit' });
      console.log(child.pid);`;
    const child = supervise(`${start} ${sayReady} if (!process.env.LATER) setTimeout(() => process.exit(3), 1)`);
    await child.start();
    await eventually(() => delays.length >= 2);
    const grandchildren = lines.map(Number);
    expect(await isProcessAlive(grandchildren[0]!)).toBe(true);
    child.kill();
    for (const pid of grandchildren) if (await isProcessAlive(pid)) process.kill(pid, 'SIGKILL');
  });

  test('that cannot start is an error with its last words, not a loop', async () => {
    const started = supervise(`console.error('DATABASE_URL is not set.'); process.exit(1)`).start();
    await expect(started).rejects.toThrow(/worker did not start \(exit code 1\):\nDATABASE_URL is not set\./);
    expect(pids).toHaveLength(1);
  });

  test('gets SIGTERM and its time, and is not started again after stop()', async () => {
    const onTerm = `process.on('SIGTERM', () => { console.log('drained'); process.exit(0) });`;
    const child = supervise(`${onTerm} ${stay} ${sayReady}`);
    await child.start();
    await child.stop();
    expect(lines).toEqual(['drained']);
    expect(await isProcessAlive(pids[0] ?? 0)).toBe(false);
    expect([pids.length, delays.length]).toEqual([1, 0]);
  });

  test('that ignores SIGTERM is killed when its time is over', async () => {
    const child = supervise(`process.on('SIGTERM', () => {}); ${stay} ${sayReady}`, { graceMs: 100 });
    await child.start();
    await child.stop();
    expect(await isProcessAlive(pids[0] ?? 0)).toBe(false);
  });
});
