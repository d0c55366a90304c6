import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { assetStoreContract } from '../testing/asset-store-contract.ts';
import { startTestS3, type TestS3 } from '../testing/s3.ts';
import { contentKey } from './blob-key.ts';
import { parseS3Url } from './s3-location.ts';
import { createS3Store } from './s3-store.ts';

async function openStore(path = 'heddle/some/where') {
  const s3 = await startTestS3();
  return { ...storeOn(s3, path), s3, close: () => s3.stop() };
}

interface StoreOptions {
  readonly accessKeyId?: string;
  readonly now?: () => number;
}

function storeOn({ endpoint, credentials }: TestS3, path: string, options: StoreOptions = {}) {
  const { accessKeyId = credentials.accessKeyId, now = Date.now } = options;
  const location = parseS3Url(`s3://${path}?endpoint=${endpoint}`);
  return { store: createS3Store({ location, credentials: { ...credentials, accessKeyId }, now }) };
}

assetStoreContract('on S3', openStore);
assetStoreContract('on S3 without a prefix', () => openStore('bucket'));

describe('the asset store on S3', () => {
  let opened: Awaited<ReturnType<typeof openStore>>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-s3-test-'));
    opened = await openStore();
    await opened.store.start();
  });
  afterAll(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  async function put(content: Buffer, store = opened.store): Promise<string> {
    const file = join(folder, randomBytes(8).toString('hex'));
    await writeFile(file, content);
    const key = contentKey(createHash('sha256').update(content).digest('hex'));
    await store.put(key, file);
    return key;
  }

  test('takes a file of many parts and gives back the same bytes, also in the middle', async () => {
    const content = randomBytes(20 * 1_048_576 + 17);
    const key = await put(content);
    const whole = await buffer((await opened.store.open(key))!);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(key.slice(-64));
    const start = 8 * 1_048_576 - 5;
    const part = await buffer((await opened.store.open(key, { start, end: start + 9 }))!);
    expect(part.equals(content.subarray(start, start + 10))).toBe(true);
  });

  test('counts an old blob that is put again as new', async () => {
    const content = randomBytes(1_000);
    const key = await put(content);
    const before = (await opened.store.stat(key))!.modifiedAt.getTime();
    const { store: later } = storeOn(opened.s3, 'heddle/some/where', { now: () => Date.now() + 2 * 3_600_000 });
    // The server counts in seconds.
    await sleep(1_100);
    await put(content, later);
    expect((await opened.store.stat(key))!.modifiedAt.getTime()).toBeGreaterThan(before);
    expect((await buffer((await opened.store.open(key))!)).equals(content)).toBe(true);
  });

  test('keeps installations of one bucket apart by their prefix', async () => {
    const { store } = storeOn(opened.s3, 'heddle/elsewhere');
    await store.start();
    const key = await put(randomBytes(10), store);
    expect(await opened.store.stat(key)).toBeNull();
    const keys: string[] = [];
    for await (const blob of store.list('content/')) keys.push(blob.key);
    expect(keys).toEqual([key]);
  });

  test('says that the server refuses, without any key', async () => {
    const { store } = storeOn(opened.s3, 'heddle', { accessKeyId: 'a-wrong-key' });
    await expect(store.start()).rejects.toMatchObject({ name: 'TerminalError', code: 'SERVICE_UNAVAILABLE' });
    await expect(store.start()).rejects.not.toThrow(/a-wrong-key|S3RVER/);
  });

  test('removes at its start what is left of uploads of its own, on all pages, and leaves those of other programs', async () => {
    const own = contentKey('a'.repeat(64));
    const uploadOf = (key: string, id: string, at: string) =>
      `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at}</Initiated></Upload>`;
    const long = '2026-01-01T00:00:00.000Z';
    const pages = new Map([
      [null, `<IsTruncated>true</IsTruncated><NextKeyMarker>m</NextKeyMarker>${uploadOf(own, 'first', long)}`],
      [
        'm',
        `<IsTruncated>false</IsTruncated>${uploadOf(own, 'second', long)}${uploadOf('backups/db.tar', 'foreign', long)}` +
          uploadOf(own, 'young', new Date().toISOString()),
      ],
    ]);
    const aborted: (string | null)[] = [];
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
      if (request.method === 'DELETE') aborted.push(searchParams.get('uploadId'));
      const page = searchParams.has('uploads') ? pages.get(searchParams.get('key-marker')) : undefined;
      response.writeHead(request.method === 'DELETE' ? 204 : 200, { 'content-type': 'application/xml' });
      response.end(page === undefined ? '' : `<ListMultipartUploadsResult>${page}</ListMultipartUploadsResult>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { store } = storeOn(
      { ...opened.s3, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      'bucket',
    );
    try {
      await store.start();
      expect(aborted).toEqual(['first', 'second']);
    } finally {
      await store.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('asks to try again while the server is away', async () => {
    const away = await openStore();
    await away.close();
    await expect(away.store.stat(contentKey('0'.repeat(64)))).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'SERVICE_UNAVAILABLE',
    });
  });
});

describe('an S3 address', () => {
  test('names bucket, prefix, endpoint and region', () => {
    expect(parseS3Url('s3://files/heddle/prod?endpoint=http://s3:9000&region=eu-central-1')).toEqual({
      bucket: 'files',
      prefix: 'heddle/prod/',
      region: 'eu-central-1',
      endpoint: 'http://s3:9000',
      isPathStyle: true,
    });
  });

  test('needs a bucket only', () => {
    expect(parseS3Url('s3://files')).toEqual({
      bucket: 'files',
      prefix: '',
      region: 'us-east-1',
      endpoint: undefined,
      isPathStyle: false,
    });
  });

  test.each([
    'https://files',
    's3://',
    's3://key:secret@files',
    's3://files?endpoint=s3:9000',
    's3://files?pathStyle=yes',
    's3://files?acl=public',
  ])('is refused as %s', (text) => {
    expect(() => parseS3Url(text)).toThrow(/^ASSETS_URL cannot be used/);
  });
});
