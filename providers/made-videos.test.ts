import { describe, expect, test } from '@jest/globals';
import { base64, recordMediaModels } from '../testing/media-models.ts';
import { startRecordingServer } from '../testing/recording-server.ts';

const models = recordMediaModels();
const { key, signal, fileOf, contentsOf } = models;

describe('a video', () => {
  const ask = (request: object) =>
    models.registry.startVideo(
      { model: 'veo-3.1-generate-preview', prompt: 'A fox', references: [], idempotencyKey: 'k', ...request },
      { signal },
    );

  test('of Veo begins and ends with images, shows others, and is a job that is named by the service', async () => {
    const name = 'models/veo-3.1-generate-preview/operations/a1';
    models.server.replies({ json: { name } });
    const [first, last, other] = [
      await fileOf('a.png', 'image/png'),
      await fileOf('b.png', 'image/png'),
      await fileOf('c.jpg', 'image/jpeg'),
    ];
    const job = await ask({
      firstFrame: first,
      lastFrame: last,
      references: [other],
      aspect: '9:16',
      size: '1080P',
      negativePrompt: 'rain',
      seed: 3,
    });
    expect(job).toEqual({ provider: 'gemini', model: 'veo-3.1-generate-preview', id: name, seconds: 8 });
    expect(models.server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1beta/models/veo-3.1-generate-preview:predictLongRunning',
      headers: { 'x-goog-api-key': key },
    });
    const image = (file: string, mimeType: string) => ({ bytesBase64Encoded: base64(file), mimeType });
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual({
      instances: [
        {
          prompt: 'A fox',
          image: image('a.png', 'image/png'),
          lastFrame: image('b.png', 'image/png'),
          referenceImages: [{ image: image('c.jpg', 'image/jpeg'), referenceType: 'asset' }],
        },
      ],
      parameters: { aspectRatio: '9:16', resolution: '1080p', negativePrompt: 'rain', seed: 3 },
    });
    await expect(ask({ size: '1280x720' })).rejects.toMatchObject({ code: 'PROVIDER_BAD_REQUEST' });
  });

  test('of Veo is fetched without its key from wherever else it lies', async () => {
    const elsewhere = await startRecordingServer('127.0.0.2');
    try {
      const uri = `${models.server.url}/v1beta/files/f1:download?alt=media`;
      elsewhere.replies({ bytes: Buffer.from('film'), headers: { 'content-type': 'video/mp4' } });
      models.server.replies(
        { json: { done: true, response: { generateVideoResponse: { generatedSamples: [{ video: { uri } }] } } } },
        { status: 302, headers: { location: `${elsewhere.url}/bytes` }, json: {} },
      );
      const job = { provider: 'gemini', model: 'veo-3.1-fast-generate-preview', id: 'operations/a1', seconds: 4 };
      const { video, usage } = await models.registry.fetchVideo(job, { folder: models.folder, signal });
      expect(await contentsOf([video])).toEqual(['film']);
      expect(usage).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: 0.6 });
      expect(models.server.requests[1]?.headers).toMatchObject({ 'x-goog-api-key': key });
      expect(elsewhere.requests[0]?.headers).not.toHaveProperty('x-goog-api-key');
    } finally {
      await elsewhere.stop();
    }
  });

  test('of an OpenAI-compatible server begins with one image, and without what the server does not know', async () => {
    models.server.replies(
      { status: 400, json: { error: { message: "Unknown parameter: 'seed'." } } },
      { json: { id: 'v1', status: 'queued' } },
    );
    const job = await ask({
      model: 'openai/sora-2',
      firstFrame: await fileOf('a.png', 'image/png'),
      aspect: '16:9',
      seconds: 8,
      seed: 1,
    });
    expect(job).toEqual({ provider: 'openai', model: 'sora-2', id: 'v1', seconds: 8 });
    expect(await models.server.bodyOf(models.server.requests[1])).toEqual([
      ['model', 'sora-2'],
      ['prompt', 'A fox'],
      ['seconds', '8'],
      ['size', '1280x720'],
      ['input_reference', { type: 'image/png', content: 'a.png' }],
    ]);
    const image = await fileOf('a.png', 'image/png');
    await expect(ask({ model: 'openai/sora-2', firstFrame: image, lastFrame: image })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
  });
});
