import { describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import type { FileType } from '../core/data-types/table.ts';
import { makeBombPng, makeCountingClip, makeOrientedJpeg, makePhotoJpeg, makePicture } from '../testing/media.ts';
import { createAssetServiceParts, signal, userId } from '../testing/asset-service.ts';

const at = createAssetServiceParts();

describe('a file that is taken in', () => {
  test('becomes a row with what its content says, and a blob under its hash', async () => {
    const file = await makeOrientedJpeg(6);
    const content = await readFile(file);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const asset = await at.ingestFile(file, 'holiday.png');
    expect(asset).toMatchObject({
      userId,
      sha256,
      name: 'holiday.png',
      mimeType: 'image/jpeg',
      bytes: content.byteLength,
      width: 80,
      height: 60,
      durationMs: null,
      channels: null,
      sampleRate: null,
    });
    const served = await at.service.content(asset);
    expect((await buffer(await served.open())).equals(content)).toBe(true);
    expect((await buffer(await served.open({ start: 2, end: 9 }))).equals(content.subarray(2, 10))).toBe(true);
    expect(served).toMatchObject({ mimeType: 'image/jpeg', bytes: content.byteLength, etag: sha256 });
    expect(await at.workLeft()).toEqual([]);
  });

  test('may be a video', async () => {
    const asset = await at.ingestFile(await makeCountingClip());
    expect(asset).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48, durationMs: 3_000 });
  });

  test('is the same asset when it comes again under the same name', async () => {
    const file = await makePicture('png');
    const assets = await Promise.all([at.ingestFile(file, 'a'), at.ingestFile(file, 'a'), at.ingestFile(file, 'b')]);
    expect(new Set(assets.map((asset) => asset.id)).size).toBe(2);
    expect(new Set(assets.map((asset) => asset.sha256)).size).toBe(1);
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\photos\\me.png', 'me.png'],
    ['a\u0000b\r\nc.png', 'abc.png'],
    ['..', 'image.png'],
    ['', 'image.png'],
    ['😀'.repeat(300), '😀'.repeat(255)],
    ['bad \ud800 half', 'bad  half'],
  ])('named %j is shown as %j', async (name, shown) => {
    expect((await at.ingestFile(await makePicture('png'), name)).name).toBe(shown);
  });

  test('is refused beyond what the user may keep', async () => {
    const small = at.createService({ maxBytes: 1_000_000, maxFiles: 1 });
    const asset = await at.ingestFile(await makePicture('png'), 'a', small);
    expect((await at.ingestFile(await makePicture('png'), 'a', small)).id).toBe(asset.id);
    await expect(at.ingestFile(await makePicture('webp'), 'b', small)).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'STORAGE_FULL',
    });
  });

  test('is cut off where it is too large', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_048_576, 1);
      })(),
    );
    await expect(at.service.ingest(endless, { userId, name: 'a', kind: 'image', signal })).rejects.toMatchObject({
      code: 'FILE_TOO_LARGE',
    });
    expect(await at.workLeft()).toEqual([]);
    expect(endless.destroyed).toBe(true);
  });

  test('is dropped when the sender goes away', async () => {
    const controller = new AbortController();
    const reason = new Error('closed');
    const never = new Readable({ read: () => undefined });
    const work = at.service.ingest(never, { userId, name: 'a', signal: controller.signal });
    controller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(await at.workLeft()).toEqual([]);
  });

  const gif = () =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: '#fff' } })
      .gif()
      .toBuffer();
  const append = async (file: Promise<string>, text: string) =>
    Buffer.concat([await readFile(await file), Buffer.from(text)]);

  test.each<[string, () => Promise<Buffer | string>, string]>([
    ['empty', async () => '', 'FILE_EMPTY'],
    ['a web page', async () => '<!DOCTYPE html><html><script>alert(1)</script></html>', 'UNSUPPORTED_MEDIA'],
    ['a drawing', async () => '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'UNSUPPORTED_MEDIA'],
    [
      'a drawing with a head',
      async () => '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
      'UNSUPPORTED_MEDIA',
    ],
    ['a TIFF', async () => readFile(await makePicture('tiff')), 'UNSUPPORTED_MEDIA'],
    [
      'a GIF and a web page',
      async () => Buffer.concat([await gif(), Buffer.from('<html><script>')]),
      'UNSUPPORTED_MEDIA',
    ],
    ['a JPEG and a PHP page', () => append(makePhotoJpeg(64, 64), '<?php system($_GET[0]); ?>'), 'UNSUPPORTED_MEDIA'],
    ['a video and a web page', () => append(makeCountingClip(), '<script>alert(1)</script>'), 'UNSUPPORTED_MEDIA'],
    ['a PNG of 400 million pixels', async () => makeBombPng(20_000), 'IMAGE_TOO_MANY_PIXELS'],
    ['half a JPEG', async () => (await readFile(await makePhotoJpeg(400, 300))).subarray(0, 9_000), 'IMAGE_UNREADABLE'],
    [
      'eight bytes of a PNG',
      async () => (await readFile(await makePicture('png'))).subarray(0, 8),
      'UNSUPPORTED_MEDIA',
    ],
    ['half a video', async () => (await readFile(await makeCountingClip())).subarray(0, 3_000), 'VIDEO_UNREADABLE'],
  ])('attack 7: is refused when it is %s', async (_what, make, code) => {
    const content = Buffer.from(await make());
    const work = at.service.ingest(Readable.from([content]), { userId, name: 'picture.png', signal });
    await expect(work).rejects.toMatchObject({ name: 'TerminalError', code: expect.stringMatching(code) });
    expect(at.rows.all).toEqual([]);
    expect(await at.workLeft()).toEqual([]);
  });
});

test.each([
  ['a playlist', '#EXTM3U\n#EXTINF:3,\nfile:///etc/passwd\n'],
  ['a list of files', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
])('attack 7: %s is a text, whatever its name says, and no video', async (_what, content) => {
  const take = (kind?: FileType) =>
    at.service.ingest(Readable.from([Buffer.from(content)]), { userId, name: 'clip.mp4', kind, signal });
  await expect(take('video')).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  const asset = await take();
  expect(asset).toMatchObject({ mimeType: 'text/plain', durationMs: null });
  const preview = at.service.thumbnail(asset, { width: 160, signal });
  await expect(preview).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
});

describe('what a text means', () => {
  const resolve = (source: string, kind: FileType = 'image') => at.service.resolve(source, { userId, kind, signal });

  test('may be the id or the path of an own asset', async () => {
    const asset = await at.ingestFile(await makePicture('png'));
    expect(await resolve(asset.id)).toEqual(asset);
    expect(await resolve(` /api/assets/${asset.id}/content `)).toEqual(asset);
    await expect(at.service.resolve(asset.id, { userId: 'user-2', kind: 'image', signal })).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
    });
    await expect(resolve(randomUUID())).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    await expect(resolve(asset.id, 'video')).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  });

  test('may be a data URL or bare base64', async () => {
    const content = await readFile(await makePicture('webp'));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const base64 = content.toString('base64');
    expect(await resolve(`data:image/png;base64,${base64}`)).toMatchObject({ sha256, mimeType: 'image/webp' });
    expect(await resolve(base64)).toMatchObject({ sha256 });
    const percent = [...content].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    expect(await resolve(`data:,${percent}`)).toMatchObject({ sha256 });
  });

  test.each([
    ['data:image/png;base64,###', 'URL_INVALID'],
    ['data:image/png', 'URL_INVALID'],
    ['data:,', 'FILE_EMPTY'],
    ['data:text/html,<script>alert(1)</script>', 'UNSUPPORTED_MEDIA'],
    ['file:///etc/passwd', 'URL_SCHEME'],
    ['http://127.0.0.1:1/', 'URL_NOT_ALLOWED'],
    ['nonsense', 'URL_INVALID'],
  ])('is refused for %s as %s', async (source, code) => {
    await expect(resolve(source)).rejects.toMatchObject({ name: 'TerminalError', code });
    expect(await at.workLeft()).toEqual([]);
  });

  test('may be a web address, named by what it serves', async () => {
    const content = await readFile(await makePicture('jpeg'));
    at.serve((_request, response) => response.end(content));
    expect(await resolve(`${at.origin}/photos/sea%20side.jpg?size=large`)).toMatchObject({
      name: 'sea side.jpg',
      mimeType: 'image/jpeg',
    });
  });

  test('is refused where the web address serves something else', async () => {
    at.serve((_request, response) => response.end('<html></html>'));
    await expect(resolve(`${at.origin}/photo.jpg`)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
    const clip = await readFile(await makeCountingClip());
    at.serve((_request, response) => response.end(clip));
    await expect(resolve(`${at.origin}/clip.mp4`)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
      message: expect.stringContaining('This takes an image'),
    });
  });
});
