import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import type { NodeInputs } from '../../../core/node-type/values.ts';
import { probeFile } from '../../../testing/film-facts.ts';
import { makeCountingClip, mediaPath } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { subtitleVideoNode } from './definition.ts';
import { subtitleVideoExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const srt = '1\n00:00:00,000 --> 00:00:00,800\nHello\n';

async function subtitled(data: object, inputs: NodeInputs = {}) {
  const video = await runs.assetOf(await makeCountingClip({ seconds: 1 }));
  return (await runs.run(subtitleVideoExecutor, data, { video, ...inputs }))['output'];
}

test('text, a file and segments are burnt in, or become a track', async () => {
  const burnt = await subtitled({ subtitles: srt });
  expect(burnt).toMatchObject({ mimeType: 'video/mp4', width: 64, height: 48, durationMs: 1_000 });
  const path = mediaPath('lines.srt');
  await writeFile(path, srt);
  const segments = { language: 'en', segments: [{ id: 0, start: 0.1, end: '0.9', text: ' Hello ' }] };
  const given: readonly NodeInputs[] = [
    { file: await runs.assetOf(path) },
    { segments },
    { segments: JSON.stringify(segments.segments) },
  ];
  for (const inputs of given) {
    const file = await runs.fileOf(await subtitled({ how: 'track' }, inputs));
    expect((await probeFile(file)).streams.map(({ codec_name: codec }) => codec)).toEqual(['h264', 'mov_text']);
  }
});

test('what are no subtitles is refused before anything is made', async () => {
  await expect(subtitled({ subtitles: 'Hello there' })).rejects.toMatchObject({ code: 'NODE_DATA_INVALID' });
  await expect(subtitled({}, { segments: [{ start: 0, text: 'x' }] })).rejects.toMatchObject({
    code: 'NODE_DATA_INVALID',
    message: expect.stringContaining('(see 0.end)'),
  });
  await expect(subtitled({}, { segments: [{ start: 2, end: 1, text: 'x' }] })).rejects.toMatchObject({
    message: 'Segment 1 ends before it begins. Give it an end after its start.',
  });
  const config = subtitleVideoNode.configSchema.parse({});
  expect(subtitleVideoNode.check!(config, new Set()).map(({ field }) => field)).toEqual(['subtitles']);
  expect(subtitleVideoNode.check!(config, new Set(['segments']))).toEqual([]);
  await expect(runs.run(subtitleVideoExecutor, { subtitles: srt })).rejects.toMatchObject({ code: 'INPUT_MISSING' });
});
