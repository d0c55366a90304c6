import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageRequest, SpeechRequest, TranscriptRequest } from '../core/node-type/media-models.ts';
import { createProviders } from '../providers/create-providers.ts';
import { createModelRegistry, type ModelRegistry } from '../providers/registry.ts';
import { startRecordingServer, type RecordingServer } from './recording-server.ts';

/*
 * Models for images, speech and videos, at a server that speaks the wire formats of the public documents of OpenAI and
 * Google, one for all tests of a file.
 */
export function recordMediaModels() {
  const key = 'a-key-that-nobody-may-see';
  let folder: string;
  let server: RecordingServer;
  let registry: ModelRegistry;
  const signal: AbortSignal = new AbortController().signal;

  beforeAll(async () => {
    server = await startRecordingServer();
  });
  const open = (totalMs: number) =>
    createModelRegistry({
      providers: createProviders({
        GEMINI_API_KEY: key,
        GEMINI_BASE_URL: server.url,
        OPENAI_API_KEY: key,
        OPENAI_BASE_URL: `${server.url}/v1`,
        limits: { totalMs },
        now: Date.now,
      }),
      fitImage: () => Promise.reject(new Error('no images here')),
      prices: { 'gpt-image-1': { input: 5, output: 40 } },
      tempDir: folder,
      now: Date.now,
    });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-media-models-'));
    // No answer takes so long, however busy the machine is.
    registry = open(120_000);
  });
  afterEach(async () => {
    server.reset();
    await registry.stop();
    await rm(folder, { recursive: true });
  });
  afterAll(() => server.stop());

  const fileOf = async (name: string, mimeType: string) => {
    const file = join(folder, name);
    await writeFile(file, name);
    return { file, mimeType };
  };
  return {
    key,
    signal,
    get folder() {
      return folder;
    },
    get server() {
      return server;
    },
    get registry() {
      return registry;
    },
    /** From now on in this test a call that has no answer after 200 ms is given up. */
    loseHopeSoon: async () => {
      await registry.stop();
      registry = open(200);
    },
    fileOf,
    draw: (request: Partial<ImageRequest>) =>
      registry.generateImages(
        {
          ...{ model: 'openai/gpt-image-1', prompt: 'A red cat', images: [], count: 1, folder, idempotencyKey: 'k' },
          ...request,
        },
        { signal },
      ),
    say: (request: Partial<SpeechRequest>) =>
      registry.speak(
        { model: 'openai/tts-1', text: 'Good morning', format: 'mp3', folder, idempotencyKey: 'k', ...request },
        { signal },
      ),
    hear: async (request: Partial<TranscriptRequest>) =>
      registry.transcribe(
        { model: 'openai/whisper-1', audio: await fileOf('a.mp3', 'audio/mpeg'), idempotencyKey: 'k', ...request },
        { signal },
      ),
    contentsOf: (files: readonly { readonly file: string }[]) =>
      Promise.all(files.map(({ file }) => readFile(file, 'utf8'))),
  };
}

export const base64 = (text: string) => Buffer.from(text).toString('base64');
