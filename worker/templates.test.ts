import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { waitPageSchema } from '../core/api/waits.ts';
import { fillTemplate } from '../core/templates/fill-template.ts';
import { startFakeStudio, templateAnswers, type FakeStudio } from '../testing/fake-studio.ts';
import { eventually } from '../testing/eventually.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { betterText } from '../core/templates/better-text.ts';
import { filmTemplates } from '../core/templates/film-templates.ts';
import { imageTemplates } from '../core/templates/image-templates.ts';
import { listTemplates } from '../core/templates/list-templates.ts';

/* Every template that finishes a job runs to its end, on the samples that come with it and a model that is made up. */

const apiKey = 'a-key-of-the-test';
const samples = new URL('../web/public/samples/', import.meta.url);
/** Each second version of a text is good, and each is another one: equal questions are answered from the cache. */
let [versions, texts] = [0, 0];
const good = () => (versions += 1) % 2 === 0;
const text = () => `Some words, number ${(texts += 1)}.`;

let installation: TestInstallation;
let server: InstalledServer;
let studio: FakeStudio;
beforeAll(async () => {
  studio = await startFakeStudio({
    ...templateAnswers,
    seconds: 1.5,
    fields: { ...templateAnswers.fields, good },
    text,
    apiKey,
  });
  installation = await createTestInstallation('postgres', { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: studio.url });
  [server] = await Promise.all([installation.startServer(), installation.startWorker()]);
});
afterAll(async () => {
  await installation.stop();
  await studio.stop();
});

const ofKind = (kind: string) => expect.stringMatching(new RegExp(`^${kind}/`));
const image = (width: number) => expect.objectContaining({ mimeType: ofKind('image'), width });
const video = (width: number, height: number) => expect.objectContaining({ mimeType: 'video/mp4', width, height });
const images = (count: number) =>
  Array.from({ length: count }, () => expect.objectContaining({ mimeType: ofKind('image') }));

/** What a person does once there is something to choose from. */
async function chooseFirstTwo(runId: string): Promise<void> {
  const [wait] = await eventually(async () => {
    const { items } = waitPageSchema.parse((await server.api.request('GET', `/api/waits?runId=${runId}`)).body);
    expect(items).toHaveLength(1);
    return items;
  });
  expect(wait!.value).toHaveLength(8);
  const answer = { action: 'choose', indices: [0, 1] };
  expect((await server.api.request('POST', `/api/waits/${wait!.id}`, answer)).status).toBe(200);
}

/** What the last nodes give. */
const ends: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'product-shots': { web: images(4), sheet: image(4 * 320 + 5 * 16) },
  'before-after': { sheet: image(2 * 640 + 3 * 16), flicker: image(480), difference: image(1_600) },
  'watermark-batch': { save: images(3) },
  'parameter-sheet': { draw: images(6), sheet: image(2 * 320 + 3 * 16) },
  'document-cards': { sentence: images(3), sheet: image(2 * 540 + 3 * 16) },
  'batch-formats': { feed: images(3), story: images(3), banner: images(3) },
  'scene-captions': { mark: images(6), sheet: image(3 * 320 + 4 * 16) },
  'two-of-eight': { finish: Array.from({ length: 2 }, () => image(1_600)) },
  'podcast-clips': { captioned: [video(720, 1_280), video(720, 1_280)] },
  'storyboard-animatic': { film: video(1_280, 720) },
  'subtitles-three-languages': { subtitled: [video(960, 540), video(960, 540), video(960, 540)] },
  'thumbnails-ab': { sheet: image(2 * 640 + 3 * 16) },
  'voice-over-slideshow': { film: video(1_280, 720) },
};

test.each([...listTemplates, ...imageTemplates, ...filmTemplates].map((template) => [template.id, template] as const))(
  'the template %s runs to its end, and gives what it promises',
  async (id, template) => {
    const asked = studio.asked.length;
    const graph = await fillTemplate(template, {
      model: 'gemini-fake',
      store: async ({ path }) => (await server.api.upload(fileURLToPath(new URL(path, samples)))).url,
    });
    const runId = await server.api.start(await server.api.createWorkflow(graph));
    if (id === 'two-of-eight') await chooseFirstTwo(runId);
    const nodes = await server.api.finished(runId).then(() => server.api.nodes(runId));
    const failures = Object.entries(nodes).flatMap(([node, { status, error }]) =>
      status === 'COMPLETED' ? [] : [{ node, status, error }],
    );
    expect(failures).toEqual([]);
    const given = Object.fromEntries(Object.keys(ends[id]!).map((node) => [node, nodes[node]?.outputData?.['output']]));
    expect(given).toEqual(ends[id]);
    expect(studio.asked.length > asked).toBe(!template.runsWithoutKey);
  },
);

test('a text is rewritten lap by lap until the model that checks it says that it is good', async () => {
  const graph = await fillTemplate(betterText, { model: 'gemini-fake', store: async () => '' });
  const runId = await server.api.start(await server.api.createWorkflow(graph));
  const run = await server.api.finished(runId);
  const { until, check } = await server.api.nodes(runId);
  const { laps, output, ended } = until!.outputData as { laps: string[]; output: string; ended: string };
  expect([laps.length, laps.at(-1), ended]).toEqual([2, output, 'condition']);
  expect(run).toMatchObject({ status: 'COMPLETED', outputs: { text: output } });
  expect(check!.outputData).toMatchObject({ good: true });
  expect(studio.asked.slice(-4)).toEqual(['text', 'json', 'text', 'json']);
});
