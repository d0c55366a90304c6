import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { startRecordingServer, type RecordingServer } from '../../../testing/recording-server.ts';
import { startTestS3, type TestS3 } from '../../../testing/s3.ts';
import { saveNode } from './definition.ts';
import { signedHeaders } from './executor-s3.ts';
import { saveExecutor } from './executor.ts';

const hookSecret = 'a secret for signing webhooks';
let runs: NodeRuns;
let hook: RecordingServer;
let s3: TestS3;
let folder: string;

beforeAll(async () => {
  hook = await startRecordingServer('127.0.0.2');
  s3 = await startTestS3();
  runs = await startNodeRuns({
    allow: ['127.0.0.0/8'],
    secrets: {
      HOOK: { value: hookSecret, hosts: [new URL(hook.url).host] },
      S3: { value: s3.credentials.secretAccessKey, hosts: [new URL(s3.endpoint).host] },
    },
  });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-save-'));
  hook.reset();
});
afterAll(async () => {
  await hook.stop();
  await s3.stop();
  await runs.stop();
});

const run = (data: object, inputs: object, idempotencyKey = 'execution-1') =>
  runs.run(saveExecutor, data, { ...inputs }, { idempotencyKey, saveFolders: new Map([['out', folder]]) });
const toFolder = (name: string, more: object = {}) => ({ to: 'folder', folder: 'out', name, ...more });
const filesIn = async () => (await readdir(folder)).filter((name) => name !== '.heddle').toSorted();
const contentOf = (name: string) => readFile(join(folder, name), 'utf8');

describe('saving into a folder', () => {
  test('writes files as they are, texts as text, and data as JSON', async () => {
    const picture = await makePicture('png', 4, 4);
    const value = await runs.assetOf(picture);
    expect(await run(toFolder('{{title}}.{{extension}}'), { value, title: 'cat' })).toEqual({ output: 'out/cat.png' });
    expect(await readFile(join(folder, 'cat.png'))).toEqual(await readFile(picture));
    await run(toFolder('note.{{extension}}'), { value: 'Hello' }, 'execution-2');
    await run(toFolder('sub/{{execution}}.{{extension}}'), { value: { a: 1 } }, 'execution-3');
    expect(await contentOf('note.txt')).toBe('Hello');
    expect(JSON.parse(await contentOf('sub/execution-3.json'))).toEqual({ a: 1 });
    await rm(folder, { recursive: true });
  });

  test('does so once for an execution, and numbers the files of others', async () => {
    const save = (id: string) => run(toFolder('a.txt'), { value: 'same' }, id);
    expect(await save('one')).toEqual({ output: 'out/a.txt' });
    expect(await save('one')).toEqual({ output: 'out/a.txt' });
    expect(await save('two')).toEqual({ output: 'out/a (2).txt' });
    expect(await save('two')).toEqual({ output: 'out/a (2).txt' });
    expect(await filesIn()).toEqual(['a (2).txt', 'a.txt']);
    await rm(folder, { recursive: true });
  });

  test('goes on where an earlier attempt ended before the file was there', async () => {
    await mkdir(join(folder, '.heddle'));
    await writeFile(join(folder, '.heddle', 'one'), 'a.txt');
    await writeFile(join(folder, '.heddle', 'one.part'), 'hal');
    expect(await run(toFolder('a.txt'), { value: 'whole' }, 'one')).toEqual({ output: 'out/a.txt' });
    expect(await contentOf('a.txt')).toBe('whole');
    expect(await filesIn()).toEqual(['a.txt']);
    await rm(folder, { recursive: true });
  });

  test('replaces, or fails, where its author says so', async () => {
    await writeFile(join(folder, 'a.txt'), 'old');
    await expect(run(toFolder('a.txt', { existing: 'fail' }), { value: 'new' })).rejects.toMatchObject({
      code: 'SAVE_FAILED',
    });
    expect(await contentOf('a.txt')).toBe('old');
    await run(toFolder('a.txt', { existing: 'replace' }), { value: 'new' });
    expect(await contentOf('a.txt')).toBe('new');
    expect(await filesIn()).toEqual(['a.txt']);
    await rm(folder, { recursive: true });
  });

  test('never leaves the folder, whatever comes in or lies there', async () => {
    const saved = await run(toFolder('{{title}}.txt'), { value: 'x', title: '../../etc/pass:wd' });
    expect(saved).toEqual({ output: 'out/etc-pass-wd.txt' });
    const elsewhere = await mkdtemp(join(tmpdir(), 'heddle-elsewhere-'));
    await symlink(elsewhere, join(folder, 'link'));
    await expect(run(toFolder('link/a.txt'), { value: 'x' }, 'two')).rejects.toMatchObject({ code: 'SAVE_FAILED' });
    expect(await readdir(elsewhere)).toEqual([]);
    for (const name of ['.heddle/three', '.Heddle/a/b']) {
      await expect(run(toFolder(name, { existing: 'replace' }), { value: 'x' }, 'three')).rejects.toMatchObject({
        code: 'SAVE_FAILED',
        message: expect.stringContaining('is kept for notes'),
      });
    }
    await expect(run({ ...toFolder('a.txt'), folder: '/etc' }, { value: 'x' })).rejects.toMatchObject({
      code: 'SAVE_FAILED',
      message: expect.stringContaining('There are: out'),
    });
    await rm(folder, { recursive: true });
    await rm(elsewhere, { recursive: true });
  });

  test('refuses nothing, and data with files in it', async () => {
    const file = await runs.assetOf(await makePicture('png', 4, 4));
    for (const value of [null, { file }]) {
      await expect(run(toFolder('a'), { value })).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
    }
    await rm(folder, { recursive: true });
  });
});

describe('saving to S3', () => {
  const data = () => ({
    to: 's3',
    endpoint: s3.endpoint,
    bucket: 'results',
    region: 'us-east-1',
    accessKeyId: s3.credentials.accessKeyId,
    secret: 'S3',
  });
  const client = () =>
    new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials: s3.credentials });

  test('puts an object that another client reads, and does not take another’s name', async () => {
    const other = client();
    await other.send(new CreateBucketCommand({ Bucket: 'results' }));
    const save = (id: string, value: string, more = {}) =>
      run({ ...data(), name: 'a b/{{title}}.txt', ...more }, { value, title: 'größe (1)' }, id);
    expect(await save('one', 'first')).toEqual({ output: 's3://results/a b/größe (1).txt' });
    expect(await save('one', 'first')).toEqual({ output: 's3://results/a b/größe (1).txt' });
    await expect(save('two', 'second')).rejects.toMatchObject({ name: 'TerminalError', code: 'SAVE_FAILED' });
    const read = async () => {
      const { Body } = await other.send(new GetObjectCommand({ Bucket: 'results', Key: 'a b/größe (1).txt' }));
      return Body?.transformToString();
    };
    expect(await read()).toBe('first');
    await save('two', 'second', { existing: 'replace' });
    expect(await read()).toBe('second');
    other.destroy();
  });

  test('says what is wrong with a key or a bucket', async () => {
    await expect(run({ ...data(), accessKeyId: 'WRONG', existing: 'replace' }, { value: 'x' })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'SAVE_FAILED',
      message: expect.stringContaining('HTTP 403'),
    });
    await expect(run({ ...data(), bucket: 'missing', existing: 'replace' }, { value: 'x' })).rejects.toMatchObject({
      code: 'SAVE_FAILED',
    });
  });

  test('signs as Amazon’s example does', () => {
    // "Example: PUT Object" of Amazon's documentation of signature version 4.
    const headers = signedHeaders({
      method: 'PUT',
      url: new URL('https://examplebucket.s3.amazonaws.com/test%24file.text'),
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      contentSha256: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      region: 'us-east-1',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      at: new Date('2013-05-24T00:00:00Z'),
    });
    expect(headers['authorization']).toContain(
      'Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });
});

describe('saving to a webhook', () => {
  const data = () => ({ to: 'webhook', url: `${hook.url}/in`, secret: 'HOOK' });

  test('posts it signed, under the same id with each try', async () => {
    hook.replies({ json: {} });
    await run(data(), { value: { a: 1 } }, 'execution-7');
    await run(data(), { value: { a: 1 } }, 'execution-7');
    for (const { headers, body, path } of hook.requests) {
      const { 'webhook-id': id, 'webhook-timestamp': time } = headers;
      expect([path, id, headers['content-type']]).toEqual(['/in', 'execution-7', 'application/json']);
      const signed = `${String(id)}.${String(time)}.${body.toString()}`;
      const signature = createHmac('sha256', hookSecret).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    }
    expect(hook.requests).toHaveLength(2);
    expect(JSON.stringify(hook.requests)).not.toContain(hookSecret);
  });

  test.each([
    [503, 'RetryableError'],
    [410, 'TerminalError'],
  ])('that is answered with %i is a %s', async (status, name) => {
    hook.replies({ status, json: { message: 'not now' } });
    await expect(run(data(), { value: 'x' })).rejects.toMatchObject({ name, code: 'SAVE_FAILED' });
  });

  test('goes to the hosts of its secret alone', async () => {
    await expect(run({ ...data(), secret: 'S3' }, { value: 'x' })).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    expect(hook.requests).toEqual([]);
  });
});

test.each([
  [{ to: 'folder' }, 'folder'],
  [{ to: 'folder', folder: 'out', name: '../a' }, 'name'],
  [{ to: 'folder', folder: 'out', name: 'a//b' }, 'name'],
  [{ to: 's3', endpoint: 'https://x.example', bucket: 'b' }, 'accessKeyId'],
  [{ to: 'webhook', url: 'https://x.example' }, 'secret'],
])('%j is told before a run', (data, field) => {
  const findings = saveNode.check?.(saveNode.configSchema.parse(data), new Set()) ?? [];
  expect(findings).toContainEqual({ field, message: expect.any(String) });
});
