import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionFacts, ModelTools } from '../../core/node-type/executor.ts';
import type { ImageRequest, SpeechRequest, TranscriptRequest } from '../../core/node-type/media-models.ts';
import { makePicture, makeSound } from '../../testing/media.ts';
import { noModels } from '../../testing/no-models.ts';
import { startNodeRuns, type NodeRuns } from '../../testing/node-runs.ts';
import { generateImageExecutor } from './generate-image/executor.ts';
import { speakExecutor } from './speak/executor.ts';
import { srtOf, transcribeExecutor } from './transcribe/executor.ts';

/* What the nodes do with what models give; the models themselves are those of providers/media-models.test.ts. */

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const facts = { model: 'm-1', provider: 'house', usage: { inputTokens: 1, outputTokens: 2 } };

function reporting(models: Partial<ModelTools>) {
  const reported: ExecutionFacts[] = [];
  return {
    reported,
    change: { models: { ...noModels, ...models }, report: (more: ExecutionFacts) => void reported.push(more) },
  };
}

describe('a node that generates images', () => {
  test('keeps all of them, gives the first by itself, and reports what they took', async () => {
    const asked: ImageRequest[] = [];
    const { reported, change } = reporting({
      async generateImages(request) {
        asked.push(request);
        const files = await Promise.all(
          [5, 6].map(async (width, index) => {
            const file = join(request.folder, `made-${index}`);
            await copyFile(await makePicture('png', width, 4), file);
            return { file, mimeType: 'image/png' };
          }),
        );
        return { ...facts, files };
      },
    });
    const reference = await runs.assetOf(await makePicture('jpeg', 8, 8));
    const { output, images } = await runs.run(
      generateImageExecutor,
      { model: 'm', prompt: 'field', count: 2, aspect: '16:9', seed: 3 },
      { prompt: 'edge', images: [reference], mask: reference },
      change,
    );
    expect(output).toMatchObject({ mimeType: 'image/png', width: 5 });
    expect(images).toMatchObject([{ width: 5 }, { width: 6 }]);
    expect(asked[0]).toMatchObject({ model: 'm', prompt: 'edge', count: 2, aspect: '16:9', seed: 3 });
    expect(asked[0]?.images).toMatchObject([{ mimeType: 'image/jpeg' }]);
    expect(asked[0]?.mask).toMatchObject({ mimeType: 'image/jpeg' });
    expect(asked[0]).not.toHaveProperty('size');
    expect(reported).toEqual([{ usage: facts.usage, model: 'm-1', provider: 'house' }]);
  });

  test('refuses what is no image, though it was paid', async () => {
    const { reported, change } = reporting({
      async generateImages({ folder }) {
        const file = join(folder, 'made');
        await copyFile(await makeSound('wav'), file);
        return { ...facts, files: [{ file, mimeType: 'image/png' }] };
      },
    });
    await expect(runs.run(generateImageExecutor, { model: 'm', prompt: 'x' }, {}, change)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA',
    });
    expect(reported).toHaveLength(1);
    await expect(runs.run(generateImageExecutor, { model: 'm' }, {}, change)).rejects.toMatchObject({
      code: 'INPUT_MISSING',
    });
  });
});

describe('a node that speaks', () => {
  const asked: SpeechRequest[] = [];
  const { change } = reporting({
    async speak(request) {
      asked.push(request);
      const file = join(request.folder, 'speech');
      await copyFile(await makeSound('wav'), file);
      return { ...facts, sound: { file, mimeType: 'audio/wav' } };
    },
  });

  test('gives what the model gives where that is the format', async () => {
    const data = { model: 'm', text: 'Hello', voice: ' Kore ', format: 'wav' };
    const { output } = await runs.run(speakExecutor, data, {}, change);
    expect(output).toMatchObject({ mimeType: 'audio/wav' });
    expect(asked.at(-1)).toMatchObject({ text: 'Hello', voice: 'Kore', format: 'wav' });
    expect(asked.at(-1)).not.toHaveProperty('instructions');
  });

  test('converts what the model gives in another format', async () => {
    const { output } = await runs.run(speakExecutor, { model: 'm', format: 'mp3' }, { text: 'Hello' }, change);
    expect(output).toMatchObject({ mimeType: 'audio/mpeg' });
    await expect(runs.run(speakExecutor, { model: 'm' }, {}, change)).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});

describe('a node that transcribes', () => {
  const segments = [
    { start: 0, end: 1.2346, text: ' Good morning. ' },
    { start: 3_661.5, end: 3_660, text: 'Two\n\n\nlines' },
  ];

  test('gives the text, its segments and subtitles', async () => {
    const asked: TranscriptRequest[] = [];
    const { reported, change } = reporting({
      transcribe: async (request) => {
        asked.push(request);
        return { ...facts, text: 'Good morning. Two lines', segments };
      },
    });
    const audio = await runs.assetOf(await makeSound('wav'));
    const outputs = await runs.run(transcribeExecutor, { model: 'm', language: 'en' }, { audio }, change);
    expect(outputs).toMatchObject({
      output: 'Good morning. Two lines',
      segments,
      subtitles: { mimeType: 'application/x-subrip' },
    });
    expect(await readFile(await runs.fileOf(outputs['subtitles']), 'utf8')).toBe(srtOf(segments));
    expect(asked[0]).toMatchObject({ language: 'en', audio: { mimeType: 'audio/wav' } });
    expect(reported).toHaveLength(1);
  });

  test('hands a rare format over as one that models take', async () => {
    const asked: TranscriptRequest[] = [];
    const { change } = reporting({
      transcribe: async (request) => {
        asked.push(request);
        expect((await readFile(request.audio.file)).subarray(0, 4).toString()).toBe('fLaC');
        return { ...facts, text: 'Hi', segments: null };
      },
    });
    const audio = await runs.assetOf(await makeSound('aiff'));
    await runs.run(transcribeExecutor, { model: 'm' }, { audio }, change);
    expect(asked[0]?.audio.mimeType).toBe('audio/flac');
  });

  test('gives no subtitles where there are no times', async () => {
    const { change } = reporting({ transcribe: async () => ({ ...facts, text: 'Hi', segments: null }) });
    const audio = await runs.assetOf(await makeSound('wav'));
    expect(await runs.run(transcribeExecutor, { model: 'm' }, { audio }, change)).toEqual({
      output: 'Hi',
      segments: null,
      subtitles: null,
    });
  });

  test('writes subtitles as SubRip has them', () => {
    expect(srtOf([...segments, { start: 5, end: 6, text: ' ' }])).toBe(
      '1\n00:00:00,000 --> 00:00:01,235\nGood morning.\n\n2\n01:01:01,500 --> 01:01:01,500\nTwo\nlines\n',
    );
  });
});
