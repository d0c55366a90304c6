import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { triggerSchema, watchedFoldersSchema } from '../core/api/triggers.ts';
import { eventually } from '../testing/eventually.ts';
import { nodeOf } from '../testing/graphs.ts';
import { makePicture } from '../testing/media.ts';
import { startTestServer, type TestServer, type TestUser } from '../testing/test-server.ts';
import { readWatchFolders } from './runs/watch-folders.ts';

let server: TestServer;
let user: TestUser;
let folder: string;
let workflow: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-scans-'));
  await copyFile(await makePicture('png'), join(folder, 'old.png'));
  server = await startTestServer({
    WATCH_FOLDERS: JSON.stringify({ scans: folder, theirs: { at: folder, workspaces: ['somebody'] } }),
  });
  user = await server.addUser();
  const graph = {
    nodes: [
      nodeOf('i', 'image', { input: { name: 'photo', required: true } }),
      nodeOf('t', 'text', { text: '', input: { name: 'title' } }),
    ],
    edges: [],
  };
  workflow = (await user.call('POST', '/api/workflows', { body: { name: 'Scans', data: graph } })).body.id;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const make = (body: object) =>
  user.call('POST', `/api/workflows/${workflow}/triggers`, { body: { kind: 'file', ...body } });
const mapping = { photo: 'file.asset', title: 'file.name' };

test('a workspace is shown the folders that it may watch, and is told where it may not', async () => {
  expect(watchedFoldersSchema.parse((await user.call('GET', '/api/watched-folders')).body)).toEqual({
    items: ['scans'],
  });
  for (const name of ['theirs', 'nowhere', '../scans']) {
    const refused = await make({ folder: name, mapping });
    expect([refused.status, refused.body.code]).toEqual([422, 'FOLDER_UNREADABLE']);
    expect(refused.body.detail).toContain('Choose one of: scans.');
  }
  expect((await make({ folder: 'scans', mapping: { photo: '[' } })).body.code).toBe('MAPPING_INVALID');
});

test('a new file starts a run with it, what was there before does not, and a wrong one says why', async () => {
  const made = await make({ folder: 'scans', mapping });
  expect(made.status).toBe(201);
  const trigger = triggerSchema.parse(made.body);
  expect(trigger).toMatchObject({ kind: 'file', folder: 'scans', mapping, enabled: true });
  await copyFile(await makePicture('jpeg'), join(folder, 'new.jpg'));
  await writeFile(join(folder, 'broken.exe'), 'MZ no picture at all');
  const fires = await eventually(async () => {
    const { items } = (await user.call('GET', `/api/triggers/${trigger.id}/fires`)).body;
    expect(items.map(({ status }: { status: string }) => status).toSorted()).toEqual(['refused', 'started']);
    return items as readonly { status: string; runId: string; reason: string }[];
  });
  expect(fires.find(({ status }) => status === 'refused')?.reason).toContain('broken.exe');
  const run = (await user.call('GET', `/api/runs/${fires.find(({ status }) => status === 'started')!.runId}`)).body;
  const { items } = (await user.call('GET', '/api/assets')).body;
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['new.jpg']);
  expect(run).toMatchObject({ triggerType: 'FILE', inputs: { photo: items[0].url, title: 'new.jpg' } });

  const off = await user.call('PATCH', `/api/triggers/${trigger.id}`, { body: { enabled: false } });
  expect(off.body.enabled).toBe(false);
  expect((await user.call('PATCH', `/api/triggers/${trigger.id}`, { body: { folder: 'scans' } })).status).toBe(400);
  expect((await user.call('DELETE', `/api/triggers/${trigger.id}`)).status).toBe(204);
});

test('what WATCH_FOLDERS cannot be is said by its place', () => {
  const problems: string[] = [];
  const read = (value: unknown) =>
    readWatchFolders(typeof value === 'string' ? value : JSON.stringify(value), (_name, problem) =>
      problems.push(problem),
    );
  expect(read({ in: '/srv/in', drops: 's3://bucket/in' })).toHaveLength(2);
  expect(read({ drops: { at: 's3://bucket/in', everySeconds: 300 } })).toEqual([
    { name: 'drops', at: 's3://bucket/in', workspaces: null, everyMs: 300_000 },
  ]);
  expect(problems).toEqual([]);
  read('{');
  read({ in: 'relative' });
  read({ in: '/' });
  read({ drops: 's3://' });
  read({ '../in': '/srv/in' });
  read({ in: { at: '/srv/in', everySeconds: 0 } });
  expect(problems).toHaveLength(6);
  expect(problems[0]).toBe('is no JSON');
  expect(problems.slice(1).join()).toContain('at in is not usable');
});
