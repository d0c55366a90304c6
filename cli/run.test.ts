import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createProjectProcesses, type ProjectProcess } from '../testing/processes.ts';
import { startTestServer } from '../testing/test-server.ts';

// Without --server, a whole stack from source is started for the run and removed after it.
const runTimeoutMs = 300_000;
const processes = createProjectProcesses();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-run-test-'));
});

afterEach(async () => {
  await processes.stopAll();
  await rm(folder, { recursive: true, force: true });
});

const position = { x: 0, y: 0 };
const graph = {
  nodes: [
    { id: 'p', type: 'text', position, data: { label: 'Prompt', text: 'hello' } },
    { id: 'w', type: 'delay', position, data: { label: 'Wait', ms: 10 } },
    { id: 'i', type: 'image', position, data: { label: 'Photo' } },
    {
      id: 'c',
      type: 'cropImage',
      position,
      data: { label: 'Crop', x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 50 },
    },
  ],
  edges: [
    { id: 'e1', source: 'p', sourceHandle: 'output', target: 'w', targetHandle: 'input' },
    { id: 'e2', source: 'i', sourceHandle: 'output', target: 'c', targetHandle: 'image_url' },
  ],
};

/** A workflow with inputs and an output of its own. */
const marked = {
  nodes: [
    { id: 't', type: 'text', position, data: { text: '', input: { name: 'topic', required: true } } },
    { id: 'n', type: 'number', position, data: { value: 1, input: { name: 'count', required: true } } },
    { id: 'picture', type: 'image', position, data: { input: { name: 'picture' } } },
    { id: 'o', type: 'output', position, data: { label: 'Same', name: 'same' } },
  ],
  edges: [{ id: 'e', source: 'picture', sourceHandle: 'output', target: 'o', targetHandle: 'value' }],
};

async function run(content: unknown, ...args: readonly string[]): Promise<ProjectProcess> {
  const file = join(folder, 'workflow.json');
  await writeFile(file, JSON.stringify(content));
  const all = ['run', file, '--out', join(folder, 'out'), ...args];
  return processes.start({ entry: 'cli/main.ts', args: all, env: { ENV_FILE: '/dev/null' } });
}

describe('heddle run', () => {
  test(
    'runs a file alone with the inputs given, of nodes and of the workflow, saves what nothing follows, and leaves nothing behind',
    async () => {
      const photo = join(folder, 'photo.png');
      await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } }).toFile(photo);
      const before = await readdir(tmpdir());
      const byNode = ['-i', 'prompt=good day', '-i', `Photo=${photo}`, '-i', 'c.width_percent=25'];
      const byName = ['-i', 'topic=tea', '-i', `picture=${photo}`];
      const both = { nodes: [...graph.nodes, ...marked.nodes], edges: [...graph.edges, ...marked.edges] };
      const child = await run({ name: 'Mine', data: both }, ...byNode, ...byName, '-i', 'count=7');
      const end = await child.ended;
      expect([child.output(), end.code]).toEqual([expect.stringContaining('Crop: completed'), 0]);
      expect(child.output()).toContain('Same: completed');

      expect(await readdir(join(folder, 'out'))).toEqual([
        ...['Crop.png', 'Same.png', 'Wait.txt', 'number.json', 'text.txt'],
      ]);
      expect(await readFile(join(folder, 'out', 'text.txt'), 'utf8')).toBe('tea');
      expect(JSON.parse(await readFile(join(folder, 'out', 'number.json'), 'utf8'))).toBe(7);
      expect(await sharp(join(folder, 'out', 'Same.png')).metadata()).toMatchObject({ width: 40, height: 20 });
      expect(await readFile(join(folder, 'out', 'Wait.txt'), 'utf8')).toBe('good day');
      expect(await sharp(join(folder, 'out', 'Crop.png')).metadata()).toMatchObject({ width: 10, height: 10 });
      const left = (await readdir(tmpdir())).filter(
        (name) => /^heddle-run-(?!test)/.test(name) && !before.includes(name),
      );
      expect(left).toEqual([]);
    },
    runTimeoutMs,
  );

  test(
    'ends with 1 and the reason of the server when an input does not fit',
    async () => {
      const server = await startTestServer();
      try {
        const { key } = await server.addUser();
        const child = await run(marked, '-i', 'topic=tea', '-i', 'count=many', '--server', server.url, '--key', key);
        expect((await child.ended).code).toBe(1);
        expect(child.output()).toContain('The input "count" does not fit. Give a number, not text.');
      } finally {
        await server.stop();
      }
    },
    runTimeoutMs,
  );

  test(
    'ends with 1 and the reason when a node fails',
    async () => {
      const node = { id: 'l', type: 'llm', position, data: { label: 'Model', model: 'gemini-x', userMessage: 'hi' } };
      const child = await run({ nodes: [node], edges: [] });
      expect((await child.ended).code).toBe(1);
      expect(child.output()).toContain('Model: failed');
    },
    runTimeoutMs,
  );

  test(
    'cancels the run and ends with 130 on Ctrl-C',
    async () => {
      const node = { id: 'd', type: 'delay', position, data: { label: 'Long', ms: 300_000 } };
      const child = await run({ nodes: [node], edges: [] });
      await child.waitForOutput('Long: waiting');
      expect((await child.kill('SIGINT')).code).toBe(130);
      expect(child.output()).toContain('Long: cancelled');
    },
    runTimeoutMs,
  );

  test.each([
    ['a node that is not there', graph, ['-i', 'nobody=1'], 'There is no node "nobody". The workflow has: p (Prompt)'],
    ['an input without a value', graph, ['-i', 'Prompt'], 'write --input node=value'],
    ['a file that is no workflow', { nodes: 1, edges: [] }, [], 'is not a workflow'],
    ['a server that is not there', graph, ['--server', 'http://127.0.0.1:9'], 'http://127.0.0.1:9 is not responding'],
  ])('says what is wrong with %s, without a stack trace', async (_, content, args, words) => {
    const child = await run(content, ...args);
    expect((await child.ended).code).toBe(1);
    expect(child.output()).toContain(words);
    expect(child.output()).not.toContain('    at ');
  });
});
