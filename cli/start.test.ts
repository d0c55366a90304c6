import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants, getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../embedded/free-port.ts';
import { isProcessAlive } from '../embedded/process-info.ts';
import { removeDataDir } from '../embedded/remove-data-dir.ts';
import { eventually } from '../testing/eventually.ts';
import { createProjectProcesses, type ProjectProcess } from '../testing/processes.ts';

// Whole stacks from source on a machine that does other things as well.
const stackTimeoutMs = 300_000;
const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
const processes = createProjectProcesses();
let dataDir: string;
let port: number;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'heddle-start-'));
  await chmod(dataDir, 0o711);
  port = await findFreePort();
});

afterEach(async () => {
  await processes.stopAll();
  await removeDataDir(dataDir);
}, stackTimeoutMs);

function startStack(env: Readonly<Record<string, string>> = {}): ProjectProcess {
  return processes.start({
    entry: 'cli/main.ts',
    args: ['start'],
    // Hardly a step back: a test is not to wait behind whatever else the machine does.
    env: {
      DATA_DIR: dataDir,
      PORT: String(port),
      BOOTSTRAP_API_KEY: apiKey,
      ENV_FILE: '/dev/null',
      NICENESS: '1',
      ...env,
    },
  });
}

async function startedStack(): Promise<ProjectProcess> {
  const stack = startStack();
  await stack.waitForOutput('Ctrl-C (finishes running work first');
  return stack;
}

async function call(path: string, method = 'GET', body?: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

const identified = z.looseObject({ id: z.union([z.string(), z.number()]) });
const runState = z.looseObject({ id: z.string(), status: z.string() });
const childRecord = z.record(z.string(), z.object({ pid: z.number() }));

async function childPids(): Promise<readonly number[]> {
  const record = childRecord.parse(JSON.parse(await readFile(join(dataDir, 'children.json'), 'utf8')));
  return Object.values(record).map((child) => child.pid);
}

describe('heddle start', () => {
  test('steps back behind the browser of whoever sits at the machine', async () => {
    const stack = startStack({ NICENESS: '' });
    await stack.waitForOutput('starting in');
    expect(getPriority(stack.pid)).toBe(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  });

  test(
    'has a starter workflow that runs as it is, runs another one, keeps secrets out of its log, refuses a second start, and stops in order',
    async () => {
      const stack = await startedStack();
      const listed = z.object({ items: z.array(z.looseObject({ id: z.number(), name: z.string() })) });
      const { items } = listed.parse(await call('/api/workflows'));
      expect(items.map(({ name }) => name)).toEqual(['Starter: from a photo and a video', 'Product marketing kit']);
      const started = await call(`/api/workflows/${items[0]!.id}/run?wait=60`, 'POST', {});
      const executed = z.looseObject({ nodeId: z.string(), status: z.string() });
      const ended = z.looseObject({ status: z.string(), nodeExecutions: z.array(executed) });
      const { id } = identified.parse(started);
      const { nodeExecutions } = await eventually(async () => {
        const state = ended.parse(await call(`/api/runs/${id}`));
        expect(state.status).toBe('COMPLETED');
        return state;
      });
      const done = nodeExecutions.filter((node) => node.status === 'COMPLETED').map(({ nodeId }) => nodeId);
      const results = ['result-close_up', 'result-story'];
      expect(done.toSorted()).toEqual(['brief', 'clip', 'close-up', 'frame', 'photo', ...results, 'story']);

      const link = /http:\S+\/sign-in#token=(\S+)/.exec(stack.output())?.[1];
      expect(link).toMatch(/^[\w-]{20,}$/);

      const data = { nodes: [{ id: 't', type: 'text', position: { x: 0, y: 0 }, data: { text: 'hi' } }], edges: [] };
      const workflow = identified.parse(await call('/api/workflows', 'POST', { name: 'One', data }));
      const run = runState.parse(await call(`/api/workflows/${workflow.id}/run?wait=30`, 'POST', {}));
      expect(run.status).toBe('COMPLETED');

      const second = startStack({ PORT: String(await findFreePort()) });
      expect((await second.ended).code).toBe(1);
      expect(second.output()).toContain(`is in use by process ${stack.pid}`);
      expect(second.output()).not.toContain('    at ');

      const pids = await childPids();
      expect(pids).toHaveLength(2);
      expect(pids.map((pid) => getPriority(pid))).toEqual(pids.map(() => Math.max(getPriority(), 1)));
      expect(await stack.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(await Promise.all(pids.map(isProcessAlive))).toEqual([false, false]);

      const log = await readFile(join(dataDir, 'logs', 'heddle.log'), 'utf8');
      expect(log.indexOf('worker is draining')).toBeLessThan(log.indexOf('server is stopping'));
      const passwords = await Promise.all(
        ['postgres-password', 'redis-password'].map((name) => readFile(join(dataDir, name), 'utf8').catch(() => '')),
      );
      const secrets = [apiKey, link ?? '', ...passwords.map((text) => text.trim())].filter((text) => text !== '');
      expect(secrets.length).toBeGreaterThanOrEqual(3);
      for (const secret of secrets) expect(log).not.toContain(secret);
    },
    stackTimeoutMs,
  );

  test(
    'killed with everything under way and started again, it has every row and finishes the run; each part that is killed comes back',
    async () => {
      const stack = await startedStack();
      const data = {
        nodes: [{ id: 'd', type: 'delay', position: { x: 0, y: 0 }, data: { ms: 2_000 } }],
        edges: [],
      };
      const workflow = identified.parse(await call('/api/workflows', 'POST', { name: 'Survivor', data }));
      const run = runState.parse(await call(`/api/workflows/${workflow.id}/run`, 'POST', {}));
      const pids = await childPids();
      await stack.kill('SIGKILL');
      // Server and worker do not live on without the process that looks after them.
      await eventually(async () => (await Promise.all(pids.map(isProcessAlive))).every((alive) => !alive), {
        timeoutMs: 240_000,
      });

      await startedStack();
      expect(await call(`/api/workflows/${workflow.id}`)).toMatchObject({ name: 'Survivor' });
      await eventually(async () => runState.parse(await call(`/api/runs/${run.id}`)).status === 'COMPLETED', {
        timeoutMs: 240_000,
        intervalMs: 200,
      });

      const before = await childPids();
      before.forEach((pid) => process.kill(pid, 'SIGKILL'));
      const postmaster = await readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8');
      process.kill(Number(postmaster.split('\n')[0]), 'SIGKILL');
      await eventually(
        async () => {
          const now = await childPids();
          if (now.some((pid) => before.includes(pid))) return false;
          const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
          return ready.ok;
        },
        { timeoutMs: 240_000, intervalMs: 200 },
      );
      await call('/api/workflows');
    },
    stackTimeoutMs,
  );

  test('says that a port is taken and leaves nothing running', async () => {
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(port, '127.0.0.1', done));
    try {
      const stack = startStack();
      expect((await stack.ended).code).toBe(1);
      expect(stack.output()).toContain(`Port ${port} on 127.0.0.1 cannot be opened`);
      expect(await readdir(dataDir)).not.toContain('postgres-password');
    } finally {
      await new Promise((done) => squatter.close(done));
    }
  });

  test('lists every unusable variable at once, without its value', async () => {
    const stack = startStack({ PORT: 'secret-port', DATABASE_URL: 'secret-url' });
    expect((await stack.ended).code).toBe(1);
    expect(stack.output()).toMatch(/PORT \w.*DATABASE_URL must look like/);
    expect(stack.output()).not.toMatch(/secret/);
  });
});
