// The package that `npm pack` makes: `npx` starts it in an empty folder, without building anything, and its nodes run.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeInstallation, startAndStop } from './start-and-stop.mjs';

/** With the download of what it depends on; and beside a cache that has it all. */
const coldStartMs = 240_000;
const warmStartMs = 120_000;

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'heddle-packed-'));
const npm = (...args) =>
  execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const owner = 'owner@example.org';
const password = randomBytes(24).toString('base64url');
const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
try {
  // What the scripts of the project print goes before it.
  const said = npm('pack', '--json', '--pack-destination', folder);
  const [{ filename, size, unpackedSize }] = JSON.parse(said.slice(said.search(/^\[/m)));
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`the package: ${megabytes(size)}, ${megabytes(unpackedSize)} unpacked`);
  for (const [name, limitMs] of [
    ['cold', coldStartMs],
    ['warm', warmStartMs],
  ]) {
    const empty = join(folder, name);
    mkdirSync(empty);
    // A folder of its own for what npx installs, so that each start installs it.
    const npx = ['npx', '--yes', '--prefer-offline', '--cache', join(folder, 'cache'), '-p', join(folder, filename)];
    if (name === 'warm') rmSync(join(folder, 'cache', '_npx'), { recursive: true, force: true });
    try {
      await startAndStop({
        name,
        command: [...npx, 'heddle', 'start'],
        folder: empty,
        limitMs,
        settings: {
          BOOTSTRAP_EMAIL: owner,
          BOOTSTRAP_PASSWORD: password,
          BOOTSTRAP_API_KEY: apiKey,
          // Nobody listens there: what sends traces is loaded all the same.
          OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        },
        visit: runNodes,
        stop: (npm) => process.kill(-npm, 'SIGINT'),
      });
    } finally {
      removeInstallation(empty);
    }
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  removeInstallation(folder);
}

/** Pictures are made, clips read and code run by processes that find their programs in the package. */
async function runNodes(address) {
  const api = async (method, path, body) => {
    const isForm = body instanceof FormData;
    const response = await fetch(new URL(path, address), {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(isForm ? {} : { 'content-type': 'application/json' }) },
      body: isForm || body === undefined ? body : JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${answer}`);
    return answer.startsWith('{') ? JSON.parse(answer) : answer;
  };
  const upload = async (file) => {
    const form = new FormData();
    form.set('file', await openAsBlob(join(project, 'web', 'public', 'samples', file)), file);
    return (await api('POST', '/api/assets', form)).url;
  };
  const node = (id, type, data) => ({ id, type, position: { x: 0, y: 0 }, data });
  const edge = (source, target, targetHandle, sourceHandle = 'output') => ({
    ...{ id: `${source}-${target}`, source, sourceHandle, target, targetHandle },
  });
  const graph = {
    nodes: [
      node('photo', 'image', { file: { url: await upload('flask.jpg') } }),
      node('small', 'resizeImage', { width: 64 }),
      node('words', 'drawText', { text: 'Hello' }),
      node('clip', 'video', { file: { url: await upload('turn.mp4') } }),
      node('frame', 'extractFrame', { timestamp: '50%' }),
      node('code', 'code', {
        code: 'return { sum: 40 + 2 };',
        inputs: [],
        outputs: [{ id: 'sum', name: 'sum', type: 'number' }],
      }),
    ],
    edges: [edge('photo', 'small', 'image'), edge('small', 'words', 'image'), edge('clip', 'frame', 'video_url')],
  };
  const { id } = await api('POST', '/api/workflows', { name: 'Packed', data: graph });
  let run = await api('POST', `/api/workflows/${id}/run`, {});
  while (!['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.status)) {
    await sleep(200);
    run = await api('GET', `/api/runs/${run.id}`);
  }
  if (run.status !== 'COMPLETED') throw new Error(`the run ended as ${run.status}: ${JSON.stringify(run)}`);
  await api('GET', '/api/docs/swagger-ui.css');
  const signedIn = await fetch(new URL('/api/auth/sign-in', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(address).origin },
    body: JSON.stringify({ email: owner, password }),
  });
  const cookie = signedIn.headers.getSetCookie().map((each) => each.split(';')[0]);
  const board = await fetch(new URL('/admin/queues', address), { headers: { cookie: cookie.join('; ') } });
  const [, script] = /src="(static[^"]+)"/.exec(await board.text()) ?? [];
  const loaded = await fetch(new URL(`/admin/queues/${script}`, address), { headers: { cookie: cookie.join('; ') } });
  if (!loaded.ok) throw new Error(`the board of the queues answered ${board.status} and ${loaded.status}`);
  console.log(`the run: ${run.nodeExecutions.length} nodes completed`);
}
