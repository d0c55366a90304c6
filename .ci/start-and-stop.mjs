// Starts an installation as a person does, asks it for its pages, and stops it in order.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Work in flight gets a minute; here is none. */
const stopMs = 30_000;

/**
 * Runs `command` in `folder` until it is ready, and stops it. Throws with all that it printed where it does not get
 * ready within `limitMs`, a page does not answer, `visit(address)` fails, or it does not stop in order.
 */
export async function startAndStop({ name, command: [program, ...args], folder, limitMs, stop, settings, visit }) {
  const startedAt = Date.now();
  // HOME holds the cache and the registry of npm; nothing else is passed on.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings };
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
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
    await visit?.(address);
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

/** Removes the folder. It is a closed one: started by root, its database lives elsewhere and has to go as well. */
export function removeInstallation(folder) {
  try {
    const home = readFileSync(join(folder, '.heddle', 'postgres-location'), 'utf8').trim();
    if (home !== '') rmSync(home, { recursive: true, force: true });
  } catch {
    // It lies inside the folder.
  }
  rmSync(folder, { recursive: true, force: true });
}
