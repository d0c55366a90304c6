import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { recordMediaModels } from '../testing/media-models.ts';
import type { Reply } from '../testing/recording-server.ts';

const models = recordMediaModels();
const { fileOf, say, hear } = models;

describe('speech', () => {
  test('of an OpenAI-compatible server is streamed into a file', async () => {
    models.server.replies((response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('so');
      setImmediate(() => response.end('und'));
    });
    const { sound } = await say({ voice: 'nova', instructions: 'Slowly', speed: 0.9 });
    expect([await readFile(sound.file, 'utf8'), sound.mimeType]).toEqual(['sound', 'audio/mpeg']);
    expect(models.server.requests[0]?.path).toBe('/v1/audio/speech');
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual({
      model: 'tts-1',
      input: 'Good morning',
      voice: 'nova',
      instructions: 'Slowly',
      speed: 0.9,
      response_format: 'mp3',
    });
  });

  test('of Gemini becomes a WAV file', async () => {
    const samples = Buffer.from([1, 0, 2, 0]);
    models.server.replies({
      json: {
        candidates: [
          {
            content: {
              parts: [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: samples.toString('base64') } }],
            },
          },
        ],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 50 },
      },
    });
    const { sound, usage } = await say({ model: 'gemini-2.5-flash-preview-tts', instructions: 'Whisper' });
    const bytes = await readFile(sound.file);
    expect([sound.mimeType, bytes.toString('latin1', 0, 4), bytes.readUInt32LE(24), bytes.readUInt32LE(40)]).toEqual([
      'audio/wav',
      'RIFF',
      24_000,
      4,
    ]);
    expect(bytes.subarray(44)).toEqual(samples);
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 50 });
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Whisper\n\nGood morning' }] }],
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
      },
    });
  });

  test.each<[string, Reply]>([
    [
      'breaks off',
      (response) => response.writeHead(200, { 'content-length': '9' }).write('so', () => response.destroy()),
    ],
    ['is nothing', { bytes: Buffer.alloc(0), headers: { 'content-type': 'audio/mpeg' } }],
    ['is an error with the status of an answer', { json: { error: 'busy' } }],
  ])('that %s is no file', async (_what, reply) => {
    models.server.replies(reply);
    await expect(say({})).rejects.toMatchObject({ name: 'RetryableError', code: 'PROVIDER_NETWORK' });
  });
});

describe('a transcript', () => {
  test('of an OpenAI-compatible server has segments where the model gives times', async () => {
    models.server.replies({
      json: {
        text: ' Good morning. Bye. ',
        segments: [
          { id: 0, start: 0, end: 1.5, text: ' Good morning.' },
          { id: 1, start: 1.5, end: 2, text: ' Bye.' },
        ],
      },
    });
    expect(await hear({ language: 'en', hint: 'Ada' })).toMatchObject({
      text: 'Good morning. Bye.',
      segments: [
        { start: 0, end: 1.5, text: 'Good morning.' },
        { start: 1.5, end: 2, text: 'Bye.' },
      ],
    });
    expect(await models.server.bodyOf(models.server.requests[0])).toEqual([
      ['file', { type: 'audio/mpeg', content: 'a.mp3' }],
      ['model', 'whisper-1'],
      ['language', 'en'],
      ['prompt', 'Ada'],
      ['response_format', 'verbose_json'],
      ['timestamp_granularities[]', 'segment'],
    ]);
  });

  test('has none where the model refuses to give them', async () => {
    const message = "response_format 'verbose_json' is not compatible with model 'gpt-4o-transcribe'.";
    models.server.replies({ status: 400, json: { error: { message } } }, { json: { text: 'Hello' } });
    expect(await hear({ model: 'openai/gpt-4o-transcribe' })).toMatchObject({ text: 'Hello', segments: null });
    expect(await models.server.bodyOf(models.server.requests[1])).toContainEqual(['response_format', 'json']);
  });

  test('of Gemini is asked for as data', async () => {
    const answer = {
      segments: [
        { start: 0, end: 2, text: ' Hello ' },
        { start: 2, end: 3, text: 'there' },
      ],
    };
    models.server.replies({ json: { candidates: [{ content: { parts: [{ text: JSON.stringify(answer) }] } }] } });
    expect(await hear({ model: 'gemini-2.5-flash', language: 'en' })).toMatchObject({
      text: 'Hello there',
      segments: [
        { start: 0, end: 2, text: 'Hello' },
        { start: 2, end: 3, text: 'there' },
      ],
    });
    expect(await models.server.bodyOf(models.server.requests[0])).toMatchObject({
      contents: [
        {
          parts: [{ text: expect.stringContaining('The language is en') }, { inlineData: { mimeType: 'audio/mpeg' } }],
        },
      ],
      generationConfig: { responseMimeType: 'application/json' },
    });
    models.server.replies({ json: { candidates: [{ content: { parts: [{ text: 'I hear nothing.' }] } }] } });
    await expect(hear({ model: 'gemini-2.5-flash' })).rejects.toMatchObject({ code: 'PROVIDER_EMPTY' });
  });

  test('ends with the reason of an abort', async () => {
    models.server.replies(() => {});
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const audio = await fileOf('a.mp3', 'audio/mpeg');
    const asked = models.registry.transcribe(
      { model: 'openai/whisper-1', audio, idempotencyKey: 'k' },
      { signal: controller.signal },
    );
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});
