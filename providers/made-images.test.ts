import { describe, expect, test } from '@jest/globals';
import { base64, recordMediaModels } from '../testing/media-models.ts';
import type { Reply } from '../testing/recording-server.ts';

const models = recordMediaModels();
const { key, fileOf, draw, contentsOf } = models;

describe('images of an OpenAI-compatible server', () => {
  const images: Reply = {
    json: {
      created: 1,
      data: [{ b64_json: base64('one') }, { b64_json: base64('two') }],
      usage: { input_tokens: 1_000, output_tokens: 2_000, total_tokens: 3_000 },
    },
  };

  test('are asked for by their prompt, and counted and priced', async () => {
    models.server.replies(images);
    const made = await draw({ count: 2, aspect: '16:9' });
    expect(await contentsOf(made.files)).toEqual(['one', 'two']);
    expect(made).toMatchObject({
      provider: 'openai',
      usage: { inputTokens: 1_000, outputTokens: 2_000, costUsd: 0.085 },
    });
    expect(models.server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/images/generations',
      headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'k' },
    });
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual({
      model: 'gpt-image-1',
      prompt: 'A red cat',
      n: 2,
      size: '1536x1024',
    });
  });

  test('with references and a mask are edits', async () => {
    models.server.replies(images);
    await draw({
      images: [await fileOf('a.png', 'image/png'), await fileOf('b.jpg', 'image/jpeg')],
      mask: await fileOf('m.png', 'image/png'),
      size: '512x512',
    });
    expect(models.server.requests[0]?.path).toBe('/v1/images/edits');
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual([
      ['model', 'gpt-image-1'],
      ['prompt', 'A red cat'],
      ['n', '1'],
      ['size', '512x512'],
      ['image[]', { type: 'image/png', content: 'a.png' }],
      ['image[]', { type: 'image/jpeg', content: 'b.jpg' }],
      ['mask', { type: 'image/png', content: 'm.png' }],
    ]);
    await expect(draw({ mask: await fileOf('m.png', 'image/png') })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
  });

  test('may be given by address, and without the field that the server does not know', async () => {
    models.server.replies(
      { status: 400, json: { error: { message: "Unknown parameter: 'response_format'." } } },
      { json: { data: [{ url: `${models.server.url}/made/1.png` }] } },
      { bytes: Buffer.from('fetched'), headers: { 'content-type': 'image/png' } },
    );
    const made = await draw({ model: 'openai/flux', seed: 7, aspect: '1:1', size: '2K' });
    expect(await contentsOf(made.files)).toEqual(['fetched']);
    expect(made.usage).toBeNull();
    expect(await models.server.bodyOf(models.server.requests[0])).toMatchObject({
      response_format: 'b64_json',
      seed: 7,
    });
    expect(await models.server.bodyOf(models.server.requests[1])).toEqual({
      model: 'flux',
      prompt: 'A red cat',
      n: 1,
      size: '2048x2048',
      seed: 7,
    });
    expect(models.server.requests[2]?.path).toBe('/made/1.png');
    expect(models.server.requests[2]?.headers).not.toHaveProperty('authorization');
  });

  test.each([
    [429, { error: { message: 'Rate limit reached' } }, 'RetryableError', 'PROVIDER_RATE_LIMITED'],
    [503, { error: { message: 'busy' } }, 'RetryableError', 'PROVIDER_OVERLOADED'],
    [401, { error: { message: `Incorrect API key provided: ${key}` } }, 'TerminalError', 'PROVIDER_AUTH'],
    [400, { error: { code: 'moderation_blocked', message: 'A red cat is no' } }, 'TerminalError', 'PROVIDER_BLOCKED'],
    [200, { data: [] }, 'RetryableError', 'PROVIDER_EMPTY'],
  ])('fail with %i %j as a %s', async (status, json, name, code) => {
    models.server.replies({ status, json, headers: { 'retry-after': '7' } });
    const error = await draw({}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name, code });
    expect(String(error)).not.toContain(key);
    if (status === 429) expect(error).toMatchObject({ retryAfterMs: 7_000 });
  });

  test('that break off, say nothing or never come are told apart', async () => {
    models.server.replies((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"data":[');
      setImmediate(() => response.destroy());
    });
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
    models.server.replies({ bytes: Buffer.from('<html>'), headers: { 'content-type': 'text/plain' } });
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_NETWORK' });
    models.server.replies(() => {});
    await models.loseHopeSoon();
    await expect(draw({})).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' });
  });
});

describe('images of Gemini', () => {
  const one = (text: string, finishReason = 'STOP'): Reply => ({
    json: {
      candidates: [
        {
          content: { parts: [{ text: 'Here.' }, { inlineData: { mimeType: 'image/png', data: base64(text) } }] },
          finishReason,
        },
      ],
      usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1_290 },
      modelVersion: 'gemini-3-image',
    },
  });

  test('are one call each, with references, shape, size and a seed of their own', async () => {
    models.server.replies(one('first'), one('second'));
    const made = await draw({
      model: 'gemini-2.5-flash-image',
      count: 2,
      seed: 5,
      aspect: '9:16',
      size: '2K',
      images: [await fileOf('a.png', 'image/png')],
    });
    expect((await contentsOf(made.files)).toSorted()).toEqual(['first', 'second']);
    expect(made).toMatchObject({ model: 'gemini-3-image', usage: { inputTokens: 20, outputTokens: 2_580 } });
    // They are asked for at once, and arrive in any order.
    const seedOf = (body: unknown) => (body as { generationConfig: { seed: number } }).generationConfig.seed;
    const bodies = (await Promise.all(models.server.requests.map((request) => models.server.bodyOf(request)))).toSorted(
      (a, b) => seedOf(a) - seedOf(b),
    );
    expect(bodies[0]).toEqual({
      contents: [
        {
          role: 'user',
          parts: [{ text: 'A red cat' }, { inlineData: { mimeType: 'image/png', data: base64('a.png') } }],
        },
      ],
      generationConfig: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '9:16', imageSize: '2K' },
        seed: 5,
      },
    });
    expect(bodies[1]).toMatchObject({ generationConfig: { seed: 6 } });
    expect(models.server.requests[0]).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash-image:generateContent',
      headers: { 'x-goog-api-key': key },
    });
  });

  test.each([
    [{ promptFeedback: { blockReason: 'SAFETY' } }, 'PROVIDER_BLOCKED'],
    [{ candidates: [{ finishReason: 'IMAGE_SAFETY', content: { parts: [] } }] }, 'PROVIDER_BLOCKED'],
    [{ candidates: [{ finishReason: 'STOP', content: { parts: [{ text: 'No.' }] } }] }, 'PROVIDER_EMPTY'],
  ])('%j is %s', async (json, code) => {
    models.server.replies({ json });
    await expect(draw({ model: 'gemini-2.5-flash-image' })).rejects.toMatchObject({ code });
  });

  test('of Imagen come from its own method', async () => {
    models.server.replies({
      json: {
        predictions: [{ bytesBase64Encoded: base64('made'), mimeType: 'image/png' }, { raiFilteredReason: 'x' }],
      },
    });
    const made = await draw({ model: 'gemini/imagen-4.0-generate-001', count: 2, aspect: '16:9' });
    expect(await contentsOf(made.files)).toEqual(['made']);
    expect(models.server.requests[0]?.path).toBe('/v1beta/models/imagen-4.0-generate-001:predict');
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual({
      instances: [{ prompt: 'A red cat' }],
      parameters: { sampleCount: 2, aspectRatio: '16:9', includeRaiReason: true },
    });
    models.server.replies({ json: { predictions: [{ raiFilteredReason: 'not allowed' }] } });
    await expect(draw({ model: 'gemini/imagen-4.0-generate-001' })).rejects.toMatchObject({ code: 'PROVIDER_BLOCKED' });
  });

  test('take no mask', async () => {
    const mask = await fileOf('m.png', 'image/png');
    await expect(draw({ model: 'gemini-2.5-flash-image', mask })).rejects.toMatchObject({
      code: 'PROVIDER_BAD_REQUEST',
    });
    expect(models.server.requests).toEqual([]);
  });
});
