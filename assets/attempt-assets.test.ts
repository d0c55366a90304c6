import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { isClose, makePicture, pixelAt, quarterColors } from '../testing/media.ts';
import { createAttemptAssets } from './attempt-assets.ts';
import { createAssetServiceParts, userId } from '../testing/asset-service.ts';

const at = createAssetServiceParts();

describe('the files of an attempt', () => {
  const open = (owner = userId) => createAttemptAssets({ service: at.service, workDirs: at.workDirs, userId: owner });

  test('cost nothing until they are used, and go at the end', async () => {
    const assets = open();
    expect(await at.workLeft()).toEqual([]);
    await writeFile(join(assets.workDir, 'left-over'), 'x');
    await assets.dispose();
    expect(await at.workLeft()).toEqual([]);
  });

  test('give assets to read and take products in', async () => {
    const asset = await at.ingestFile(await makePicture('png'));
    const assets = open();
    const reference = await assets.find(asset.id);
    expect(reference).toEqual({
      assetId: asset.id,
      url: `/api/assets/${asset.id}/content`,
      mimeType: 'image/png',
      bytes: asset.bytes,
      sha256: asset.sha256,
      width: 80,
      height: 60,
    });
    const input = await assets.localFile(reference);
    expect(isClose(await pixelAt(input, 10, 10), quarterColors.topLeft)).toBe(true);
    const output = join(assets.workDir, 'product');
    await sharp(input).resize(8, 6).webp().toFile(output);
    const product = await assets.save(output, { name: 'product', kind: 'image' });
    expect(product).toMatchObject({ mimeType: 'image/webp', width: 8, height: 6 });
    expect(at.rows.all.at(-1)?.name).toBe('product.webp');
    expect(existsSync(output)).toBe(false);
    await assets.dispose();
    expect(
      await stat(
        at.store.localPath(`content/${asset.sha256.slice(0, 2)}/${asset.sha256.slice(2, 4)}/${asset.sha256}`) ?? '',
      ),
    ).toBeDefined();
  });

  test("are never somebody else's, whatever a reference claims", async () => {
    const asset = await at.ingestFile(await makePicture('png'));
    const reference = await open().find(asset.id);
    const stranger = open('user-2');
    await expect(stranger.find(asset.id)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
    await expect(stranger.localFile(reference)).rejects.toMatchObject({ code: 'ASSET_NOT_FOUND' });
  });

  test('are copied where the store is not local', async () => {
    const asset = await at.ingestFile(await makePicture('png'));
    const service = at.createService(undefined, { store: { ...at.store, localPath: () => null } });
    const assets = createAttemptAssets({ service, workDirs: at.workDirs, userId });
    const reference = await assets.find(asset.id);
    const file = await assets.localFile(reference);
    expect(file.startsWith(assets.workDir)).toBe(true);
    expect(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ).toBe(asset.sha256);
    expect(await assets.localFile(reference)).toBe(file);
    await assets.dispose();
  });

  test('tell of a content that is gone', async () => {
    const asset = await at.ingestFile(await makePicture('png'));
    const reference = await open().find(asset.id);
    await rm(join(at.folder, 'store', 'content'), { recursive: true });
    await expect(open().localFile(reference)).rejects.toMatchObject({
      code: 'ASSET_NOT_FOUND',
      message: expect.stringContaining('is gone'),
    });
  });

  test('refuse a product of another kind', async () => {
    const assets = open();
    const output = join(assets.workDir, 'product');
    await copyFile(await makePicture('png'), output);
    await expect(assets.save(output, { name: 'product', kind: 'video' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
    await assets.dispose();
  });
});
