import { chmod, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { io, type Socket } from 'socket.io-client';
import type { Graph } from '../core/graph/graph.ts';
import type { NodeExecution } from '../core/api/runs.ts';
import { assetReferenceSchema, type AssetReference } from '../core/node-type/values.ts';
import { describeOnBothQueues } from '../testing/engine.ts';
import { eventually } from '../testing/eventually.ts';
import { startFakeGemini } from '../testing/fake-gemini.ts';
import type { FakeModelServer } from '../testing/fake-model-server.ts';
import { edgeOf, nodeOf } from '../testing/graphs.ts';
import { listProcesses } from '../testing/process-list.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import {
  frameIndexOf,
  isClose,
  makeCountingClip,
  makePicture,
  mediaPath,
  pixelAt,
  quarterColors,
} from '../testing/media.ts';

const apiKey = 'a-key-of-the-test';
const model = 'gemini-fake';

/** The classic demo of this kind of tool, on real processes, a fake provider and media made by the test. */
describeOnBothQueues('the classic demo', (kind) => {
  let installation: TestInstallation;
  let server: InstalledServer;
  let gemini: FakeModelServer;
  let graph: Graph;
  beforeAll(async () => {
    gemini = await startFakeGemini({ apiKey });
    installation = await createTestInstallation(kind, { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: gemini.url });
    [server] = await Promise.all([installation.startServer(), installation.startWorker()]);
    const [photo, clip] = await Promise.all([
      makePicture('jpeg', 400, 300).then((file) => server.api.upload(file)),
      makeCountingClip({ fps: 10, seconds: 4 }).then((file) => server.api.upload(file)),
    ]);
    graph = classicDemo(photo.url, clip.url);
  });
  afterAll(async () => {
    await installation.stop();
    await gemini.stop();
  });
  beforeEach(() => gemini.reset());
  let another: Promise<InstalledServer> | undefined;
  const theOther = () => (another ??= installation.startServer());

  test('runs COMPLETED, with the right pixels and the right prompts', async () => {
    const runId = await server.api.start(await server.api.createWorkflow(graph));
    const run = await server.api.finished(runId);
    expect(run.nodeExecutions.map(({ nodeId, status, error }) => ({ nodeId, status, error }))).toEqual(
      run.nodeExecutions.map(({ nodeId }) => ({ nodeId, status: 'COMPLETED', error: null })),
    );
    expect(run.status).toBe('COMPLETED');
    const nodes = Object.fromEntries(run.nodeExecutions.map((node) => [node.nodeId, node]));

    // The photo's right half: green above, yellow below.
    const crop = await downloaded(nodes['cropPhoto']!, 'crop.jpg');
    expect(crop.reference).toMatchObject({ mimeType: 'image/jpeg', width: 200, height: 300 });
    expect(isClose(await pixelAt(crop.file, 100, 30), quarterColors.topRight)).toBe(true);
    expect(isClose(await pixelAt(crop.file, 100, 270), quarterColors.bottomRight)).toBe(true);

    // Half of 4 s at 10 frames a second is frame 20, whole and cropped.
    const frame = await downloaded(nodes['frame']!, 'frame.png');
    expect(frame.reference).toMatchObject({ mimeType: 'image/png', width: 64, height: 48 });
    expect(await frameIndexOf(frame.file)).toBe(20);
    const frameCrop = await downloaded(nodes['cropFrame']!, 'frame-crop.png');
    expect(frameCrop.reference).toMatchObject({ mimeType: 'image/png', width: 32, height: 24 });
    expect(await frameIndexOf(frameCrop.file)).toBe(20);

    expect(gemini.prompts).toHaveLength(3);
    const asked = gemini.prompts.map((call) => call.prompt!);
    const [about, story] = [
      asked.find((p) => p.user === 'Describe the product.')!,
      asked.find((p) => p.user === 'Tell its story.')!,
    ];
    expect(about).toMatchObject({ system: 'You write for a shop.', images: [{ mimeType: 'image/jpeg' }] });
    expect(story.images).toHaveLength(1);
    const last = asked.find((prompt) => prompt !== about && prompt !== story)!;
    expect(last.user).toBe(nodes['describe']!.outputData!['output']);
    expect(last.system).toBe(nodes['story']!.outputData!['output']);
    expect(nodes['campaign']!.outputData!['output']).toEqual(expect.stringContaining(last.user));
    expect(new Set(gemini.prompts.map((call) => call.idempotencyKey)).size).toBe(3);
  });

  test('a second run takes crops and frames from the first, and asks the models again', async () => {
    const runId = await server.api.start(await server.api.createWorkflow(graph));
    const run = await server.api.finished(runId);
    expect(run.status).toBe('COMPLETED');
    const cached = run.nodeExecutions.filter((node) => node.cached).map((node) => node.nodeId);
    expect(cached.toSorted()).toEqual(['cropFrame', 'cropPhoto', 'frame']);
    expect(gemini.prompts).toHaveLength(3);
  });

  test('cancel in the middle of a model call: CANCELLED, and the provider sees the connection close', async () => {
    gemini.standing({ kind: 'hang', chunks: ['Once upon '] });
    const runId = await server.api.start(await server.api.createWorkflow(graph));
    await gemini.until((calls) => calls.filter((call) => call.prompt !== null).length === 2);
    await eventually(async () => (await server.api.nodes(runId))['describe']!.status === 'RUNNING');
    expect((await server.api.request('POST', `/api/runs/${runId}/cancel`)).status).toBe(202);
    await gemini.until((calls) => calls.every((call) => call.endedBy !== null));
    expect(gemini.prompts.map((call) => call.endedBy)).toEqual(['client', 'client']);
    expect(await server.api.run(runId)).toMatchObject({ status: 'CANCELLED' });
    expect(await server.api.nodes(runId)).toMatchObject({
      describe: { status: 'CANCELLED' },
      campaign: { status: 'CANCELLED' },
      frame: { status: 'COMPLETED' },
    });
  });

  test('text streams to a client as it is written', async () => {
    gemini.standing({ kind: 'answer', chunks: ['Warm ', 'light, ', 'calm ', 'lines.'], chunkDelayMs: 120 });
    const socket = await connect(server.url);
    const workflowId = await server.api.createWorkflow({
      nodes: [nodeOf('llm', 'llm', { model, userMessage: 'Go on.' })],
      edges: [],
    });
    await socket.emitWithAck('workflow:subscribe', { workflowId });
    const deltas: { offset: number; text: string }[] = [];
    socket.on('run:event', (event) => {
      if (event.type === 'node.delta') deltas.push(event);
    });
    const runId = await server.api.start(workflowId);
    await server.api.finished(runId);
    socket.disconnect();
    expect(deltas.length).toBeGreaterThan(1);
    const text = 'Warm light, calm lines.';
    for (const { offset, text: piece } of deltas) expect(text.slice(offset, offset + piece.length)).toBe(piece);
    expect((await server.api.nodes(runId))['llm']!.outputData).toEqual({ output: text });
  });

  test('whoever begins to watch in the middle of an answer gets it from its start, on any server', async () => {
    const long = 'Once upon a time. '.repeat(200);
    gemini.standing({ kind: 'hang', chunks: [long, 'And then'] });
    const workflowId = await server.api.createWorkflow({
      nodes: [nodeOf('llm', 'llm', { model, userMessage: 'Go on.' })],
      edges: [],
    });
    const runId = await server.api.start(workflowId);
    const early = await connect(server.url);
    const told: string[] = [];
    early.on('run:event', (event) => event.type === 'node.delta' && told.push(event.text));
    await early.emitWithAck('run:subscribe', { runId });
    // Everything has passed by before the late one comes.
    await eventually(() => told.join('').endsWith('And then'));
    const second = await theOther();
    const late = await connect(second.url);
    let known = '';
    late.on('run:event', (event) => {
      if (event.type === 'node.delta' && event.offset === known.length) known += event.text;
    });
    await late.emitWithAck('run:subscribe', { runId });
    await eventually(() => known === `${long}And then`);
    await server.api.request('POST', `/api/runs/${runId}/cancel`);
    early.disconnect();
    late.disconnect();
  });

  test('a client on one server sees every event of a run started through another, also after its socket was cut for a while', async () => {
    const second = await theOther();
    const socket = await connect(second.url);
    const workflowId = await server.api.createWorkflow({
      nodes: Array.from({ length: 8 }, (_, i) => nodeOf(`n${i}`, 'delay', { ms: 900 })),
      edges: Array.from({ length: 7 }, (_, i) => edgeOf(`n${i}`, `n${i + 1}`)),
    });
    const runId = await server.api.start(workflowId);
    const seen: number[] = [];
    socket.on('run:event', (event: { runId: string; seq: number; type: string }) => {
      if (event.runId === runId && event.type.endsWith('.updated')) seen.push(event.seq);
    });
    const first = await socket.emitWithAck('run:subscribe', { runId, afterSeq: 0 });
    expect(first).toMatchObject({ ok: true });
    await eventually(() => seen.length > 5);
    socket.disconnect();
    const before = seen.length;
    // Much happens meanwhile, and nobody hears of it.
    await eventually(async () => (await server.api.run(runId)).seq > before + 5);
    expect(seen).toHaveLength(before);
    socket.connect();
    await eventually(() => socket.connected);
    await socket.emitWithAck('run:subscribe', { runId, afterSeq: Math.max(...seen) });
    const { seq } = await server.api.finished(runId);
    await eventually(() => seen.at(-1) === seq);
    socket.disconnect();
    expect(seen).toEqual(Array.from({ length: seq }, (_, index) => index + 1));
  });

  async function connect(url: string): Promise<Socket> {
    const socket = io(url, { auth: { token: installation.apiKey }, transports: ['websocket'], reconnection: false });
    await eventually(() => socket.connected);
    return socket;
  }

  async function downloaded(node: NodeExecution, name: string): Promise<{ reference: AssetReference; file: string }> {
    const reference = assetReferenceSchema.parse(node.outputData!['output']);
    const file = mediaPath(`${kind}-${name}`);
    await writeFile(file, await server.api.download(reference.url));
    return { reference, file };
  }
});

describe('cancel in the middle of ffmpeg', () => {
  // A length that nobody else sleeps tells the process from all others.
  const nap = `300.${process.pid}`;
  let installation: TestInstallation;
  beforeAll(async () => {
    const script = mediaPath('slow-ffmpeg');
    // Stands for a video that takes minutes: it and a child of its own run until they are killed.
    await writeFile(script, `#!/bin/sh\nsleep ${nap} &\nwait\n`);
    await chmod(script, 0o755);
    installation = await createTestInstallation('postgres', { FFMPEG_PATH: script });
  });
  afterAll(() => installation.stop());

  test('ends the run and leaves no process of it', async () => {
    // The upload is probed by ffprobe; only the worker meets the slow program.
    const [{ api }, worker] = await Promise.all([
      installation.startServer({ FFMPEG_PATH: '' }),
      installation.startWorker(),
    ]);
    const clip = await api.upload(await makeCountingClip({ fps: 10, seconds: 4 }));
    const workflowId = await api.createWorkflow({
      nodes: [
        nodeOf('video', 'video', { file: { url: clip.url, name: clip.name, type: clip.mimeType } }),
        nodeOf('frame', 'extractFrame', { timestamp: '50%' }),
      ],
      edges: [edgeOf('video', 'frame')],
    });
    const runId = await api.start(workflowId);
    const descendants = async () => (await listProcesses()).filter((listed) => listed.command === `sleep ${nap}`);
    await eventually(async () => (await descendants()).length > 0);
    await api.request('POST', `/api/runs/${runId}/cancel`);
    await eventually(async () => (await descendants()).length === 0);
    expect((await listProcesses()).filter((listed) => listed.command.includes(mediaPath('slow-ffmpeg')))).toEqual([]);
    expect(await api.run(runId)).toMatchObject({ status: 'CANCELLED' });
    // The worker goes on.
    const next = await api.start(await api.createWorkflow({ nodes: [nodeOf('a')], edges: [] }));
    expect(await api.finished(next)).toMatchObject({ status: 'COMPLETED' });
    expect(worker.pid).toBeGreaterThan(0);
  });
});

function classicDemo(photoUrl: string, clipUrl: string): Graph {
  const file = (url: string, type: string) => ({ file: { url, name: 'sample', type } });
  return {
    nodes: [
      nodeOf('photo', 'image', file(photoUrl, 'image/jpeg')),
      nodeOf('cropPhoto', 'cropImage', { x_percent: 50, y_percent: 0, width_percent: 50, height_percent: 100 }),
      nodeOf('system', 'text', { text: 'You write for a shop.' }),
      nodeOf('prompt', 'text', { text: 'Describe the product.' }),
      nodeOf('describe', 'llm', { model }),
      nodeOf('video', 'video', file(clipUrl, 'video/mp4')),
      nodeOf('frame', 'extractFrame', { timestamp: '50%' }),
      nodeOf('cropFrame', 'cropImage', { x_percent: 25, y_percent: 25, width_percent: 50, height_percent: 50 }),
      nodeOf('story', 'llm', { model, userMessage: 'Tell its story.' }),
      nodeOf('campaign', 'llm', { model }),
    ],
    edges: [
      edgeOf('photo', 'cropPhoto'),
      edgeOf('cropPhoto', 'describe', { targetHandle: 'images' }),
      edgeOf('system', 'describe', { id: 'e-system', targetHandle: 'system_prompt' }),
      edgeOf('prompt', 'describe', { id: 'e-prompt', targetHandle: 'user_message' }),
      edgeOf('video', 'frame'),
      edgeOf('frame', 'cropFrame'),
      edgeOf('cropFrame', 'story', { targetHandle: 'images' }),
      edgeOf('describe', 'campaign', { targetHandle: 'user_message' }),
      edgeOf('story', 'campaign', { targetHandle: 'system_prompt' }),
    ],
  };
}
