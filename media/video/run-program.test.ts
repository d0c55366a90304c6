import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { mediaPath } from '../../testing/media.ts';
import { createBinaries } from './binaries.ts';
import { runProgram, type ProgramLimits } from './run-program.ts';

const generous: ProgramLimits = { timeoutMs: 240_000, maxRssBytes: 1e9, maxOutputLength: 1e6 };
const { signal } = new AbortController();
let marks = 0;

/** A number of seconds that no other sleeping process has. */
function uniqueSleep(): string {
  marks += 1;
  return `600.${process.pid}${marks}`;
}

/** Ids of processes that sleep for just so long; a process that only waits to be reaped is gone. */
function sleepers(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(mark);
    } catch {
      return false;
    }
  });
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const shell = (script: string) => ['/bin/sh', '-c', script];

describe('a program that is run', () => {
  test('gives its output, its last words and its exit code', async () => {
    expect(await runProgram(shell('echo out; echo err >&2; exit 3'), generous, signal)).toEqual({
      kind: 'ended',
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('gets nothing of our environment and no input', async () => {
    const outcome = await runProgram(['/usr/bin/env'], generous, signal);
    expect(outcome).toMatchObject({ kind: 'ended', exitCode: 0, stdout: '' });
    expect(await runProgram(['/bin/cat'], generous, signal)).toMatchObject({ kind: 'ended', exitCode: 0 });
  });

  test('that is not there is an outcome, not a crash', async () => {
    expect(await runProgram(['/no/such/program'], generous, signal)).toMatchObject({ kind: 'not-started' });
  });

  test('is killed with everything it started on an abort', async () => {
    const mark = uniqueSleep();
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const work = runProgram(shell(`/bin/sleep ${mark} & /bin/sleep ${mark}`), generous, controller.signal);
    const outcome = work.catch((error: unknown) => error);
    await eventually(() => sleepers(mark).length === 2);
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await eventually(() => sleepers(mark).length === 0);
  });

  test('attack 24: is killed when it takes too long, says too much or takes too much memory', async () => {
    const mark = uniqueSleep();
    expect(await runProgram(['/bin/sleep', mark], { ...generous, timeoutMs: 50 }, signal)).toEqual({ kind: 'timeout' });
    expect(await runProgram(shell('yes'), { ...generous, maxOutputLength: 100 }, signal)).toEqual({ kind: 'output' });
    expect(await runProgram(['/bin/sleep', mark], { ...generous, maxRssBytes: 1 }, signal)).toEqual({ kind: 'memory' });
    expect(sleepers(mark)).toEqual([]);
  });

  test('does not start when it is already too late', async () => {
    const controller = new AbortController();
    controller.abort(new Error('before'));
    await expect(runProgram(['/bin/true'], generous, controller.signal)).rejects.toThrow('before');
  });
});

describe('the programs for videos', () => {
  const script = async (name: string, content: string) => {
    const file = mediaPath(name);
    await writeFile(file, content);
    await chmod(file, 0o755);
    return file;
  };

  test('are taken from the setting, then from PATH, then from the installer packages', async () => {
    const given = await script('my-ffmpeg', '#!/bin/sh\n');
    expect(await createBinaries({ ffmpegPath: given, searchPath: '/usr/bin' }).find('ffmpeg')).toEqual({
      path: given,
      source: 'setting',
    });
    const onPath = await script('ffmpeg', '#!/bin/sh\n');
    const searchPath = `/no/such/folder:relative:${mediaPath('')}`;
    expect(await createBinaries({ searchPath }).find('ffmpeg')).toEqual({ path: onPath, source: 'path' });
    expect(await createBinaries({ searchPath: '/no/such/folder' }).find('ffprobe')).toMatchObject({
      source: 'package',
    });
  });

  test('are missing where the setting names none, whatever else there is', async () => {
    const notExecutable = mediaPath('not-executable');
    await writeFile(notExecutable, '');
    await chmod(notExecutable, 0o644);
    for (const ffprobePath of ['/no/such/ffprobe', notExecutable]) {
      await expect(createBinaries({ ffprobePath, searchPath: '/usr/bin' }).find('ffprobe')).rejects.toMatchObject({
        name: 'TerminalError',
        code: 'MEDIA_TOOL_MISSING',
        message: expect.stringContaining('FFPROBE_PATH'),
      });
    }
  });

  const hasSetpriv = existsSync('/usr/bin/setpriv');

  (hasSetpriv ? test : test.skip)('die with a worker that is killed', async () => {
    const mark = uniqueSleep();
    const endless = await script('endless-ffprobe', `#!/bin/sh\nexec /bin/sleep ${mark}\n`);
    const video = mediaPath('some.mp4');
    await writeFile(video, 'x');
    const worker = `
      const { createMedia } = await import(${JSON.stringify(new URL('../media.ts', import.meta.url).href)});
      const { createBinaries } = await import(${JSON.stringify(new URL('./binaries.ts', import.meta.url).href)});
      const { extractFrame } = await import(${JSON.stringify(new URL('../operations/extract-frame.ts', import.meta.url).href)});
      const binaries = createBinaries({ searchPath: '/usr/bin:/bin', ffprobePath: ${JSON.stringify(endless)} });
      const { signal } = new AbortController();
      const request = { input: ${JSON.stringify(video)}, output: ${JSON.stringify(`${video}.png`)}, signal };
      await createMedia({ binaries }).run(extractFrame, { ...request, at: { kind: 'last' } });
    `;
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', worker], { stdio: 'ignore' });
    await eventually(() => sleepers(mark).length === 1);
    child.kill('SIGKILL');
    await eventually(() => sleepers(mark).length === 0);
  });
});
