import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { mediaPath } from '../testing/media.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';
import { startTestS3, type TestS3 } from '../testing/s3.ts';

describeOnRedis('an installation that keeps its files on S3', () => {
  let s3: TestS3;
  let installation: TestInstallation;
  let server: InstalledServer;

  beforeAll(async () => {
    s3 = await startTestS3();
    installation = await createTestInstallation('redis', {
      ASSETS_URL: `s3://files/heddle?endpoint=${s3.endpoint}`,
      ASSETS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      ASSETS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    });
    server = await installation.startServer();
    await installation.startWorker();
  });
  afterAll(async () => {
    await installation.stop();
    await s3.stop();
  });

  test('crops an uploaded picture and serves the result, whole and in part', async () => {
    const file = mediaPath('upload.png');
    await sharp({ create: { width: 400, height: 200, channels: 3, background: 'teal' } })
      .png()
      .toFile(file);
    const asset = await server.api.upload(file);
    const workflowId = await server.api.createWorkflow({
      nodes: [
        {
          id: 'picture',
          type: 'image',
          position: { x: 0, y: 0 },
          data: { label: 'Picture', file: { url: asset.url, name: asset.name, type: asset.mimeType } },
        },
        {
          id: 'crop',
          type: 'cropImage',
          position: { x: 200, y: 0 },
          data: { label: 'Crop', x_percent: 0, y_percent: 0, width_percent: 25, height_percent: 50 },
        },
      ],
      edges: [{ id: 'e', source: 'picture', sourceHandle: 'output', target: 'crop', targetHandle: 'image_url' }],
    });
    const run = await server.api.finished(await server.api.start(workflowId));
    expect(run).toMatchObject({ status: 'COMPLETED', error: null });
    const crop = run.nodeExecutions.find((node) => node.nodeId === 'crop');
    expect(crop?.outputData).toMatchObject({ output: { url: expect.any(String) } });
    const { url } = crop!.outputData!['output'] as { url: string };
    const whole = await server.api.download(url);
    expect(await sharp(whole).metadata()).toMatchObject({ width: 100, height: 100 });
    const part = await fetch(server.url + url, {
      headers: { authorization: `Bearer ${installation.apiKey}`, range: 'bytes=0-0' },
    });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(0, 1))).toBe(true);
  });
});
