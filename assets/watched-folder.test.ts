import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { startTestS3, type TestS3 } from '../testing/s3.ts';
import { parseS3Url } from './s3-location.ts';
import { watchDiskFolder } from './watched-disk-folder.ts';
import { isMeant, type WatchedFolder } from './watched-folder.ts';
import { watchS3Folder } from './watched-s3-folder.ts';

const { signal } = new AbortController();
const namesIn = async (folder: WatchedFolder, most = 100) =>
  (await folder.list(most, signal)).map(({ path }) => path).toSorted();

test('what is being written, and what systems leave about, is no file that somebody has put there', () => {
  const names = [
    'a.png',
    'in/b.png',
    '.hidden',
    'in/.hidden',
    'a.part',
    'a.crdownload',
    '~$a.docx',
    'a.png~',
    'Thumbs.db',
  ];
  expect(names.filter(isMeant)).toEqual(['a.png', 'in/b.png']);
});

describe('a folder of the machine', () => {
  let root: string;
  let folder: WatchedFolder;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'heddle-watched-'));
    folder = watchDiskFolder(join(root, 'in'));
    await mkdir(join(root, 'in', 'deeper'), { recursive: true });
  });
  afterAll(() => rm(root, { recursive: true }));

  test('shows its plain files, and leaves links and other folders alone', async () => {
    await writeFile(join(root, 'secret'), 'not in it');
    await symlink(join(root, 'secret'), join(root, 'in', 'link.png'));
    await writeFile(join(root, 'in', 'deeper', 'c.png'), 'deep');
    await writeFile(join(root, 'in', 'a.png'), 'one');
    expect(await namesIn(folder)).toEqual(['a.png']);
    expect(await text(await folder.open('a.png', signal))).toBe('one');
    expect(await folder.stat('link.png', signal)).toBeNull();
    await expect(folder.open('link.png', signal)).rejects.toThrow();
    await promisify(execFile)('mkfifo', [join(root, 'in', 'pipe')]);
    expect(await folder.stat('pipe', signal)).toBeNull();
    await expect(folder.open('pipe', signal)).rejects.toMatchObject({ code: 'ENXIO' });
    await expect(folder.open('../secret', signal)).rejects.toThrow();
  });

  test('shows that a file was written since, or another one put in its place', async () => {
    const before = await folder.stat('a.png', signal);
    await appendFile(join(root, 'in', 'a.png'), ' two');
    const after = await folder.stat('a.png', signal);
    expect(after).not.toEqual(before);
    await writeFile(join(root, 'in', 'new.part'), 'one two');
    await rename(join(root, 'in', 'new.part'), join(root, 'in', 'a.png'));
    expect((await folder.stat('a.png', signal))?.mark).not.toBe(after?.mark);
    expect(await folder.stat('gone.png', signal)).toBeNull();
  });

  test('says so where it cannot be read, or holds too many', async () => {
    await expect(namesIn(watchDiskFolder(join(root, 'nowhere')))).rejects.toThrow(/cannot be read \(ENOENT\)/);
    await writeFile(join(root, 'in', 'b.png'), 'b');
    await expect(namesIn(folder, 1)).rejects.toThrow('There are more than 1 files in it');
  });
});

describe('a prefix of a bucket', () => {
  let s3: TestS3;
  let client: S3Client;
  beforeAll(async () => {
    s3 = await startTestS3();
    client = new S3Client({
      region: 'us-east-1',
      endpoint: s3.endpoint,
      forcePathStyle: true,
      credentials: s3.credentials,
    });
    const { createS3Store } = await import('./s3-store.ts');
    const location = parseS3Url(`s3://drops?endpoint=${s3.endpoint}`);
    // It makes the bucket.
    await createS3Store({ location, credentials: s3.credentials, now: Date.now }).start();
  });
  afterAll(async () => {
    client.destroy();
    await s3.stop();
  });

  test('shows its objects, says what each holds, and whether it was written since', async () => {
    const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket: 'drops', Key, Body }));
    const folder = watchS3Folder({
      location: parseS3Url(`s3://drops/in?endpoint=${s3.endpoint}`),
      credentials: s3.credentials,
    });
    await put('in/a.png', 'one');
    await put('in/deeper/b.png', 'two');
    await put('in/c.part', 'half');
    await put('out/d.png', 'no');
    expect(await namesIn(folder)).toEqual(['a.png', 'deeper/b.png']);
    const [listed] = await folder.list(10, signal);
    expect((await folder.stat('a.png', signal))?.mark).toBe(listed?.mark);
    expect(await text(await folder.open('deeper/b.png', signal))).toBe('two');
    await put('in/a.png', 'other');
    expect((await folder.stat('a.png', signal))?.mark).not.toBe(listed?.mark);
    expect(await folder.stat('gone.png', signal)).toBeNull();
    await expect(namesIn(folder, 1)).rejects.toThrow('There are more than 1 files in it');
    const nowhere = watchS3Folder({
      location: parseS3Url(`s3://nowhere?endpoint=${s3.endpoint}`),
      credentials: s3.credentials,
    });
    await expect(namesIn(nowhere)).rejects.toThrow(/refused to list it: NoSuchBucket/);
  });
});
