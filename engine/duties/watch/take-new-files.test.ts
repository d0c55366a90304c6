import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { v4, v7 as newId } from 'uuid';
import { watchDiskFolder } from '../../../assets/watched-disk-folder.ts';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { doDuty } from '../../../testing/duties.ts';
import { createTestEngine, recordingLogger, type TestEngine } from '../../../testing/engine.ts';
import { edgeOf, nodeOf } from '../../../testing/graphs.ts';
import { startDueFires } from '../fire/start-due-fires.ts';
import { takeNewFiles } from './take-new-files.ts';
import type { WatchContext } from './watch-context.ts';

const start = new Date('2026-11-30T09:00:00.000Z');

let engine: TestEngine;
let folder: string;
let time: Date;
let triggerId: string;
beforeEach(async () => {
  engine = await createTestEngine('postgres');
  folder = await mkdtemp(join(tmpdir(), 'heddle-watch-'));
  time = start;
  const workflow = await engine.createWorkflow({
    nodes: [nodeOf('t', 'text', { text: 'own', input: { name: 'topic' } }), nodeOf('d', 'delay', { ms: 0 })],
    edges: [edgeOf('t', 'd')],
  });
  triggerId = newId();
  await engine.pool.query(
    `insert into triggers (id, workflow_id, user_id, kind, settings, look_at)
     values ($1, $2, 'user-1', 'file', '{"version": "live", "folder": "in", "mapping": {}}', $3)`,
    [triggerId, workflow.id, start],
  );
});
afterEach(async () => {
  await engine.stop();
  await rm(folder, { recursive: true });
});

/** A server that watches; they share a database, a folder and the clock of the test. */
function server(overrides: Partial<WatchContext> = {}) {
  const logger = recordingLogger();
  const context: WatchContext = {
    pool: engine.pool,
    logger,
    newId,
    now: () => time,
    folderOf: () => watchDiskFolder(folder),
    keep: async (source) => {
      const content = await text(source);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { id: v4(), sha256, bytes: content.length, mimeType: 'text/plain' };
    },
    inputsOf: (_trigger, { name }) => ({ topic: name }),
    ...overrides,
  };
  return {
    logger,
    look: () => doDuty(takeNewFiles, context),
    begin: () =>
      doDuty(startDueFires, {
        ...context,
        starter: engine.starter,
        inputsAfter: async () => ({}),
      }),
  };
}

const later = (seconds = 2) => void (time = new Date(time.getTime() + seconds * 1_000));
const write = (name: string, content = name) => writeFile(join(folder, name), content);

/** What came of each file, in the order of their names. */
async function fires() {
  const { rows } = await engine.pool.query<{ status: string; inputs: { topic: string } | null; code: string | null }>(
    `select status, inputs, code from trigger_fires order by inputs ->> 'topic'`,
  );
  return rows.map(({ status, inputs, code }) => [inputs?.topic ?? code, status]);
}

async function trigger() {
  const { rows } = await engine.pool.query('select enabled, paused_reason from triggers where id = $1', [triggerId]);
  return rows[0] as { enabled: boolean; paused_reason: string | null };
}

describe('new files', () => {
  test('start one run each when two looks found them the same, whatever the number of servers', async () => {
    const servers = [server(), server(), server()];
    const lookAll = () => Promise.all(servers.map(({ look }) => look()));
    await write('a.txt');
    await write('b.txt');
    await lookAll();
    expect(await fires()).toEqual([]);
    later();
    await lookAll();
    expect(await fires()).toEqual([
      ['a.txt', 'due'],
      ['b.txt', 'due'],
    ]);
    for (let round = 0; round < 3; round += 1) {
      later();
      await lookAll();
    }
    await servers[0]!.begin();
    expect((await fires()).map(([, status]) => status)).toEqual(['started', 'started']);
    const { rows } = await engine.pool.query('select trigger_type from workflow_runs');
    expect(rows).toEqual([{ trigger_type: 'FILE' }, { trigger_type: 'FILE' }]);
  });

  test('are waited for while they are written, and start a run again where they hold something else', async () => {
    const { look } = server();
    await write('a.txt', 'half');
    await look();
    later();
    await write('a.txt', 'half and more');
    await look();
    expect(await fires()).toEqual([]);
    later();
    await look();
    expect(await fires()).toEqual([['a.txt', 'due']]);
    await write('a.txt', 'something else');
    for (let round = 0; round < 3; round += 1) {
      later();
      await look();
    }
    expect(await fires()).toHaveLength(2);
  });

  test('in a bucket are whole as soon as they are there, and looked for as seldom as it says', async () => {
    const bucket = { ...watchDiskFolder(folder, 60_000), isWholeAtOnce: true };
    const { look } = server({ folderOf: () => bucket });
    await write('a.txt');
    await look();
    expect(await fires()).toEqual([['a.txt', 'due']]);
    await write('b.txt');
    later(59);
    await look();
    expect(await fires()).toHaveLength(1);
    later(1);
    await look();
    expect(await fires()).toHaveLength(2);
  });

  test('have one run for one content, under whatever name it comes', async () => {
    const { look } = server();
    await write('a.txt', 'the same');
    await write('b.txt', 'the same');
    await look();
    later();
    await look();
    expect(await fires()).toHaveLength(1);
    await rename(join(folder, 'a.txt'), join(folder, 'c.txt'));
    for (let round = 0; round < 3; round += 1) {
      later();
      await look();
    }
    expect(await fires()).toHaveLength(1);
  });

  test('are found again where a server died while it read one', async () => {
    await write('a.txt');
    const dying = server({
      keep: async () => {
        throw Object.assign(new Error('killed'), { code: 'ECONNRESET' });
      },
    });
    await dying.look();
    later();
    await dying.look().catch(() => undefined);
    expect(await fires()).toEqual([]);
    // The claim of the dead one ends.
    later(90);
    await server().look();
    expect(await fires()).toEqual([['a.txt', 'due']]);
  });

  test('that are written while they are read are read again', async () => {
    await write('a.txt', 'before');
    const { look } = server({
      keep: async (source) => {
        const content = await text(source);
        await write('a.txt', 'while it was read');
        return { id: v4(), sha256: content.padEnd(64, '0'), bytes: content.length, mimeType: 'text/plain' };
      },
    });
    await look();
    later();
    await look();
    expect(await fires()).toEqual([]);
  });
});

describe('what cannot be taken', () => {
  test('is written down with its reason where it is the file, and is not tried again', async () => {
    let tries = 0;
    await write('a.exe');
    const { look } = server({
      keep: async () => {
        tries += 1;
        throw new TerminalError('UNSUPPORTED_MEDIA', 'Such files are not taken. Send another one.');
      },
    });
    for (let round = 0; round < 4; round += 1) {
      await look();
      later();
    }
    expect([tries, await fires()]).toEqual([1, [['UNSUPPORTED_MEDIA', 'refused']]]);
  });

  test('waits where there is no room, and says so', async () => {
    let isFull = true;
    await write('a.txt');
    const { look } = server({
      keep: async (source) => {
        if (isFull) throw new TerminalError('STORAGE_FULL', 'Your files are full. Delete some.');
        return { id: v4(), sha256: (await text(source)).padEnd(64, '0'), bytes: 1, mimeType: 'text/plain' };
      },
    });
    await look();
    later();
    await look();
    expect([await fires(), await trigger()]).toEqual([
      [],
      { enabled: true, paused_reason: 'Your files are full. Delete some.' },
    ]);
    isFull = false;
    later(30);
    await look();
    expect([await fires(), await trigger()]).toEqual([[['a.txt', 'due']], { enabled: true, paused_reason: null }]);
  });

  test('keeps no other file waiting where it cannot be read, and is taken once it can', async () => {
    let isClosed = true;
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await write(name);
    const watched = watchDiskFolder(folder);
    const { look, logger } = server({
      folderOf: () => ({
        ...watched,
        list: async (most, signal) =>
          [...(await watched.list(most, signal))].toSorted((one, other) => (one.path < other.path ? -1 : 1)),
        open: async (path, signal) => {
          if (path === 'b.txt' && isClosed) throw Object.assign(new Error('not for you'), { code: 'EACCES' });
          return watched.open(path, signal);
        },
      }),
    });
    await look();
    later();
    await look();
    expect(await fires()).toEqual([
      ['a.txt', 'due'],
      ['c.txt', 'due'],
    ]);
    expect((await trigger()).paused_reason).toMatch(/"b\.txt" cannot be read \(EACCES\)/);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { triggerId } }]);
    isClosed = false;
    later(30);
    await look();
    expect((await fires()).map(([name]) => name)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect((await trigger()).paused_reason).toBeNull();
  });

  test('a folder that is not there any more is told, and looked for again', async () => {
    const { look, logger } = server({ folderOf: () => watchDiskFolder(join(folder, 'nowhere')) });
    await look();
    expect((await trigger()).paused_reason).toMatch(/cannot be read \(ENOENT\)/);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { triggerId } }]);
    later();
    await look();
    expect(logger.lines).toHaveLength(1);
    await server({ folderOf: () => null }).look();
    later(30);
    await server().look();
    expect((await trigger()).paused_reason).toBeNull();
  });
});
