import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { makePicture } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { codeNode, type CodeValue } from './definition.ts';
import { codeExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const value = (name: string, type: CodeValue['type'] = 'any', id = name): CodeValue => ({ id, name, type });
const run = (code: string, data: object = {}, inputs = {}, change = {}) =>
  runs.run(codeExecutor, { code, ...data }, inputs, change);
const failing = (code: string, data: object = {}, inputs = {}) => expect(run(code, data, inputs)).rejects;

describe('a code node', () => {
  test('works on its inputs by their names and gives its outputs by theirs, whatever their ids', async () => {
    const data = {
      inputs: [value('text', 'text', 'in1'), value('times', 'number', 'in2'), value('missing')],
      outputs: [value('upper', 'text', 'out1'), value('facts', 'json', 'out2')],
    };
    const code =
      'console.log("hi", { times });\nreturn { upper: text.toUpperCase(), facts: { times: times * 2, missing } };';
    expect(await run(code, data, { in1: 'abc', in2: 3 })).toEqual({
      out1: 'ABC',
      out2: { times: 6, missing: null },
      console: 'hi {"times":3}',
    });
  });

  test.each([
    ['return value + 1', 42],
    ['return { output: value + 1 }', 42],
    ['return { other: value }', { other: 41 }],
    ['return [value]', [41]],
    ['return await Promise.resolve(value)', 41],
    ['return null', null],
  ])('with one output gives what is returned: %s', async (code, output) => {
    expect(await run(code, {}, { value: 41 })).toMatchObject({ output });
  });

  test('gives the same for the same, has no clock, and nothing outside itself', async () => {
    const code = `return [Math.random(), Math.random(), typeof fetch, typeof process, typeof require, typeof setTimeout,
      new Date('2026-01-02').toISOString()]`;
    const first = await run(code);
    expect(first['output']).toEqual([
      expect.any(Number),
      expect.any(Number),
      'undefined',
      'undefined',
      'undefined',
      'undefined',
      '2026-01-02T00:00:00.000Z',
    ]);
    expect(await run(code)).toEqual(first);
    for (const clock of ['Date.now()', 'new Date()', 'Date()', 'new (new Date(0).constructor)()']) {
      await failing(`return ${clock}`).toMatchObject({ message: expect.stringContaining('no clock') });
    }
  });

  test('leaves nothing for the next one', async () => {
    await run('globalThis.left = 1; Array.prototype.map = null; JSON.parse = null; return 1');
    expect(await run('return [typeof left, typeof [].map, typeof JSON.parse]')).toMatchObject({
      output: ['undefined', 'function', 'function'],
    });
  });

  test('passes files through as they came, and no other ones', async () => {
    const file = await runs.assetOf(await makePicture('png', 4, 4));
    const data = { inputs: [value('files')], outputs: [value('first', 'image'), value('all', 'any')] };
    const code = 'return { first: { ...files[0], url: "http://elsewhere" }, all: files.toReversed() }';
    const other = await runs.assetOf(await makePicture('png', 5, 5));
    expect(await run(code, data, { files: [file, other] })).toMatchObject({ first: file, all: [other, file] });
    const forged = 'return { ...value, assetId: "0198c0de-0000-7000-8000-000000000001" }';
    await failing(forged, {}, { value: file }).toMatchObject({ code: 'TYPE_MISMATCH' });
  });
});

describe('what goes wrong in code', () => {
  test.each([
    ['const a = 1;\nconst b = ;', 2, 'SyntaxError'],
    ['\n\nnope();', 3, 'nope'],
    ['const a = null;\nreturn a.b', 2, 'TypeError'],
    ['throw new RangeError("too far")', 1, 'RangeError: too far'],
    ['function f() { return f() + 1 }\nreturn f()', 1, 'stack overflow'],
    ['console.log("seen"); throw "words"', null, 'Thrown: words. Correct the code. Console: seen'],
    ['await new Promise(() => {})', null, 'never comes'],
    ['const a = {}; a.a = a; return a', null, 'circular'],
    ['JSON.stringify = () => "{"; return 1', null, ''],
  ])('%j is told with its line', async (code, line, words) => {
    await failing(code).toMatchObject({
      name: 'TerminalError',
      code: 'CODE_FAILED',
      message: expect.stringContaining(line === null ? words : `Line ${line}: `),
      details: { field: 'code' },
    });
    await failing(code).toMatchObject({ message: expect.stringContaining(words) });
  });

  test.each([
    'while (true) {}',
    'try { for (;;) {} } catch {} finally {}',
    'return /(a+)+$/.test("a".repeat(50) + "b")',
  ])('%j ends with the time limit', async (code) => {
    await failing(code, { timeLimit: 0.2 }).toMatchObject({ code: 'CODE_LIMIT', details: { field: 'timeLimit' } });
  });

  test('memory has a limit, and the next one works again', async () => {
    const code = 'const list = []; for (;;) list.push(new Array(1000).fill(list.length))';
    await failing(code, { timeLimit: 30 }).toMatchObject({
      code: 'CODE_LIMIT',
      message: expect.stringContaining('64 MB'),
    });
    expect(await run('return 1')).toMatchObject({ output: 1 });
  });

  test.each([
    ['return 1', 'text', 'TYPE_MISMATCH'],
    ['return "1"', 'number', 'TYPE_MISMATCH'],
    ['return', 'any', 'CODE_FAILED'],
    ['return "https://x.example/a.png"', 'image', 'TYPE_MISMATCH'],
  ] as const)('%j is no %s', async (code, type, expected) => {
    await failing(code, { outputs: [value('output', type)] }).toMatchObject({ code: expected });
  });

  test('an output without a value is told by its name', async () => {
    const data = { outputs: [value('one'), value('two')] };
    await failing('return { one: 1 }', data).toMatchObject({
      code: 'CODE_FAILED',
      message: expect.stringContaining('"two"'),
    });
  });

  test('an abort ends it with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = run('for (;;) {}', { timeLimit: 60 }, {}, { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

test('runs from the sources too, as under a loader of TypeScript', async () => {
  const starter = new URL('./executor-processes.ts', import.meta.url).href;
  const order = { code: 'return one + 1', inputs: { one: '1' }, timeLimitMs: 60_000 };
  const script = `
    const { runInProcess } = await import(${JSON.stringify(starter)});
    const reply = await runInProcess(${JSON.stringify(order)}, new AbortController().signal);
    process.stdout.write(JSON.stringify(reply), () => process.exit());
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(JSON.parse(stdout)).toEqual({ kind: 'done', value: '2', log: '' });
});

test('the names around code are its handles, and keep their ids', () => {
  const parse = (data: object) => codeNode.configSchema.safeParse(data);
  const config = codeNode.configSchema.parse({ inputs: [value('renamed', 'image', 'in1')], outputs: [] });
  expect(codeNode.handles!(config)).toEqual({
    inputs: [{ id: 'in1', title: 'renamed', dataType: 'image' }],
    outputs: [{ id: 'console', title: 'Console', dataType: 'text' }],
  });
  expect(parse({ inputs: [value('a'), value('a', 'text', 'b')] }).success).toBe(false);
  expect(parse({ inputs: [value('class')] }).success).toBe(false);
  expect(parse({ outputs: [value('x', 'text', 'console')] }).success).toBe(false);
});
