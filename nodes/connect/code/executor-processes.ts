import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createFairPool } from '../../../core/fair-pool.ts';
import { RetryableError } from '../../../core/errors/app-error.ts';
import type { CodeBegun, CodeOrder, CodeReply } from './executor-sandbox.ts';

/** Processes at most: code is a moment's work, and takes no more of a machine than this. */
const maxProcesses = 2;
/** More of one user's than a workflow has nodes would only wait. */
const maxWaiting = 1_000;
/** A process without work ends after so long. */
const idleMs = 5_000;
/** From the order to where the code begins: on a machine that does much else, a process may need this long to be there. */
const startMs = 60_000;
/** A single long call inside the machine is not interrupted: so long after the limit its process is killed. */
const graceMs = 2_000;
/** Besides the machine's own 64 MiB: what goes in and comes out. */
const maxHeapMb = 96;

const turns = createFairPool({
  places: maxProcesses,
  maxPerOwner: maxProcesses,
  maxWaitingPerOwner: maxWaiting,
  busy: () => new RetryableError('RATE_LIMITED', 'Too many code nodes wait here. Try again in a moment.'),
});
const idle: { readonly child: ChildProcess; readonly timer: NodeJS.Timeout }[] = [];

/** Runs code in a process of its own. An abort kills it and throws the signal's reason. */
export async function runInProcess(order: CodeOrder, signal: AbortSignal): Promise<CodeReply> {
  return turns.run({ owner: 'code', signal }, async () => {
    const child = take();
    const reply = await ask(child, order, signal).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    // A machine that ran out of something takes its process with it.
    if (reply.kind === 'done' || reply.kind === 'failed') giveBack(child);
    else child.kill('SIGKILL');
    return reply;
  });
}

function take(): ChildProcess {
  for (let slot = idle.pop(); slot !== undefined; slot = idle.pop()) {
    clearTimeout(slot.timer);
    if (slot.child.connected && slot.child.exitCode === null) return slot.child;
  }
  return start();
}

function giveBack(child: ChildProcess): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), idleMs);
  timer.unref();
  idle.push({ child, timer });
}

function start(): ChildProcess {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(isSource ? './executor-child.ts' : './executor-child.js', import.meta.url));
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(entry, [], {
    execArgv: [`--max-old-space-size=${maxHeapMb}`, ...(isSource ? ['--import', loader()] : [])],
    // The machine's local time is that of the process.
    env: { TZ: 'UTC' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'json',
  });
  child.on('error', () => undefined);
  // A worker that ends does not wait for one that waits for work.
  child.unref();
  child.channel?.unref();
  return child;
}

async function ask(child: ChildProcess, order: CodeOrder, signal: AbortSignal): Promise<CodeReply> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => {
      const seconds = startMs / 1_000;
      const message = `The process that runs the code did not start within ${seconds} s. Run it again, or give the machine less to do.`;
      settle(() => reject(new RetryableError('INTERNAL', message)));
    }, startMs);
    const onMessage = (message: unknown) => {
      const said = message as CodeBegun | CodeReply;
      if (said.kind !== 'begun') return settle(() => resolve(said));
      clearTimeout(timer);
      timer = setTimeout(() => settle(() => resolve({ kind: 'time', log: '' })), order.timeLimitMs + graceMs);
    };
    const onExit = () =>
      settle(() =>
        reject(
          new RetryableError('INTERNAL', 'The process that runs code ended in the middle of its work. Run it again.'),
        ),
      );
    const onAbort = () => settle(() => reject(signal.reason as Error));
    function settle(how: () => void): void {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      how();
    }
    child.on('message', onMessage).once('exit', onExit);
    signal.addEventListener('abort', onAbort);
    // A failed send is followed by the end of the process, which is what is waited for.
    child.send(order, () => undefined);
  });
}
