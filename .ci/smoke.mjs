// `npm start` in a fresh clone with an empty environment: it must get ready, answer, stop in order on Ctrl-C, and be up
// quickly at the second start.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** With download and build; and with everything in place, on a machine that does nothing else. */
const firstStartMs = 240_000;
const laterStartMs = 30_000;
/** Work in flight gets a minute; here is none. */
const stopMs = 30_000;

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const clone = mkdtempSync(join(tmpdir(), 'heddle-smoke-'));
execFileSync('git', ['clone', '--quiet', project, clone], { stdio: 'inherit' });

let failed = false;
try {
  // As a terminal does it, to the whole group; and as a supervisor does it, to npm alone.
  await startAndStop('first', firstStartMs, (npm) => process.kill(-npm, 'SIGINT'));
  await startAndStop('second', laterStartMs, (npm) => process.kill(npm, 'SIGTERM'));
} catch (error) {
  failed = true;
  console.error(error.message);
} finally {
  removeHome();
  rmSync(clone, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

async function startAndStop(name, limitMs, stop) {
  const startedAt = Date.now();
  // HOME holds the cache and the registry of npm; nothing else is passed on.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn('npm', ['start'], { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  const ready = new Promise((resolve) => {
    const take = (text) => {
      output += text;
      const address = /Open\s+(http:\S+)/.exec(output)?.[1];
      if (address && output.includes('Ctrl-C (finishes running work first')) resolve(address);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
  });
  try {
    const address = await within(Promise.race([ready, ended]), limitMs, `the ${name} start was not ready in time`);
    if (typeof address !== 'string' || !address.startsWith('http')) throw new Error(`it ended with ${address}`);
    console.log(`${name} start: ready after ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
    for (const path of ['/readyz', '/', '/api/openapi.json']) {
      const response = await fetch(new URL(path, address));
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    }
    stop(child.pid);
    // npm itself ends by the signal that it passed on; whether the stack ended in order is told by its own words.
    const code = await within(ended, stopMs, 'it did not stop in time');
    if (![0, 130, 143, 'SIGINT', 'SIGTERM'].includes(code)) throw new Error(`it ended with ${code} when stopped`);
    if (!output.includes('heddle: stopped.')) throw new Error('it did not stop in order');
  } catch (error) {
    throw new Error(`${name} start: ${error.message}\n${output}`, { cause: error });
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL');
  }
}

function within(promise, limitMs, complaint) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(complaint)), limitMs)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The clone lies in a closed folder: started by root, its database lives elsewhere and has to go as well. */
function removeHome() {
  try {
    const home = readFileSync(join(clone, '.heddle', 'postgres-location'), 'utf8').trim();
    if (home !== '') rmSync(home, { recursive: true, force: true });
  } catch {
    // It lies inside the clone.
  }
}
