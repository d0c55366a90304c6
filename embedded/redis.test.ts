import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createConnection, createServer } from 'node:net';
import { mkdtemp, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readToolPlaces } from '../testing/config.ts';
import { eventually } from '../testing/eventually.ts';
import { createProjectProcesses } from '../testing/processes.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { isProcessAlive } from './process-info.ts';
import { findRedisOnPath } from './redis-binary.ts';
import { createEmbeddedRedis, findRedis, type EmbeddedRedis, type EmbeddedRedisOptions } from './redis.ts';
import { removeDataDir } from './remove-data-dir.ts';
import { runCommand } from './run-command.ts';

const processes = createProjectProcesses();
const running: EmbeddedRedis[] = [];
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'heddle-redis-'));
});

afterEach(async () => {
  await processes.stopAll();
  await Promise.all(running.splice(0).map((redis) => redis.stop()));
  await removeDataDir(dataDir);
});

async function create(options: Partial<EmbeddedRedisOptions> = {}): Promise<EmbeddedRedis> {
  const { searchPath, cacheDir } = readToolPlaces();
  const binary = options.binary ?? (await findRedis({ searchPath, cacheDir, now: Date.now }));
  if (binary === null) throw new Error('describeOnRedis lets this run only where there is a Redis.');
  const redis = createEmbeddedRedis({ dataDir, ...options, binary });
  running.push(redis);
  return redis;
}

/** Sends commands after signing in, and returns what Redis answered to them. */
function send(url: string, ...commands: readonly string[]): Promise<readonly string[]> {
  const { port, password } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port: Number(port) });
    let text = '';
    socket.once('connect', () => socket.write([`AUTH ${password}`, ...commands, 'QUIT', ''].join('\r\n')));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(text.split('\r\n').slice(1, -2)));
  });
}

describeOnRedis('an embedded Redis', () => {
  test('keeps its keys and its address over a stop and a start', async () => {
    const first = await create();
    const { url, pid } = await first.start();
    expect(await send(url, 'SET kept value')).toEqual(['+OK']);
    await first.stop();
    expect(await isProcessAlive(pid)).toBe(false);

    const again = await (await create()).start();
    expect(again.url).toBe(url);
    expect(await send(url, 'GET kept')).toEqual(['$5', 'value']);
  });

  test('never evicts, writes each second, and asks for a password that is not on its command line', async () => {
    const { url, pid } = await (await create()).start();
    expect(await send(url, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    expect(await send(url, 'CONFIG GET appendfsync', 'CONFIG GET appendonly')).toEqual(
      expect.arrayContaining(['everysec', 'yes']),
    );
    const password = new URL(url).password;
    const stranger = new URL(url);
    stranger.password = 'guess';
    expect((await send(stranger.href, 'PING')).join()).toContain('NOAUTH');
    const shown = await runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { timeoutMs: 240_000 });
    expect(shown.stdout).toContain('redis.conf');
    expect(shown.stdout).not.toContain(password);
    expect((await stat(join(dataDir, 'redis', 'redis.conf'))).mode & 0o777).toBe(0o600);
  });

  test('takes another port when its own was taken meanwhile', async () => {
    const first = await create();
    const { port } = await first.start();
    await first.stop();
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(port, '127.0.0.1', done));
    try {
      expect((await (await create()).start()).port).not.toBe(port);
    } finally {
      await new Promise((done) => squatter.close(done));
    }
  });

  test('reports that it was killed, and comes back at the same address', async () => {
    const reasons: string[] = [];
    const redis = await create({ onUnexpectedExit: (reason) => reasons.push(reason) });
    const { url, pid } = await redis.start();
    process.kill(pid, 'SIGKILL');
    await eventually(() => reasons.length === 1);
    expect((await redis.start()).url).toBe(url);
  });

  test('takes over from the orphan of a killed parent, with its keys', async () => {
    const binary = await findRedis({ ...readToolPlaces(), now: Date.now });
    if (binary === null) throw new Error('describeOnRedis lets this run only where there is a Redis.');
    const child = processes.start({
      entry: 'testing/hold-services.ts',
      args: [dataDir, binary.path, ...binary.libraryDirs],
    });
    const line = z.looseObject({ redis: z.object({ url: z.string(), pid: z.number() }) });
    const { redis } = line.parse(await child.waitUntilReady());
    await send(redis.url, 'SET kept value');
    await child.kill('SIGKILL');
    expect(await isProcessAlive(redis.pid)).toBe(true);

    const again = await (await create()).start();
    expect(await isProcessAlive(redis.pid)).toBe(false);
    expect(await send(again.url, 'GET kept')).toEqual(['$5', 'value']);
  });
});

describe('finding a Redis', () => {
  test('passes over files on PATH that cannot be run', async () => {
    await writeFile(join(dataDir, 'redis-server'), 'no program', { mode: 0o644 });
    expect(await findRedisOnPath(dataDir)).toBeNull();
  });

  test('without one on PATH, it is unpacked from the distribution, works, and is found at the next start', async () => {
    const cacheDir = join(dataDir, 'cache');
    const binary = await findRedis({ searchPath: '', cacheDir, now: Date.now });
    if (binary === null) {
      const reason = (await readFile(join(cacheDir, 'redis-unavailable'), 'utf8').catch(() => 'no apt-get')).trim();
      process.stderr.write(`SKIPPED unpacking Redis: it cannot be had here (${reason}).\n`);
      return;
    }
    expect(binary.path.startsWith(cacheDir)).toBe(true);
    const { url } = await (await create({ binary })).start();
    expect(await send(url, 'PING')).toEqual(['+PONG']);

    const unpacked = await stat(binary.path);
    expect(await findRedis({ searchPath: '', cacheDir, now: Date.now })).toEqual(binary);
    // The same file: it was not unpacked once more.
    expect(await stat(binary.path)).toMatchObject({ ino: unpacked.ino, ctimeMs: unpacked.ctimeMs });
  });

  test('a try that failed is not repeated for a day', async () => {
    const failed = join(dataDir, 'redis-unavailable');
    await writeFile(failed, 'no network\n');
    const at = new Date('2030-01-01T00:00:00Z');
    await utimes(failed, at, at);
    const soon = () => at.getTime() + 3_600_000;
    expect(await findRedis({ searchPath: '', cacheDir: dataDir, now: soon })).toBeNull();
    expect((await stat(failed)).mtime).toEqual(at);
  });
});
