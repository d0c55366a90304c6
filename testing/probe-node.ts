import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { canonicalJson } from '../core/graph/canonical-json.ts';
import { catalogueOf, defineNode } from '../core/node-type/definition.ts';
import { defineExecutor } from '../core/node-type/executor.ts';
import type { NodeInputs } from '../core/node-type/values.ts';
import { nodeDefinitions } from '../nodes/definitions.ts';
import { nodeExecutors } from '../nodes/executors.ts';
import { itemsExecutor, itemsNode, wholeExecutor, wholeNode } from './each-nodes.ts';

/*
 * A node type that only the processes of tests know. Its output is a hash over
 * its name and its inputs, so that anybody can work out what every node of a
 * graph must have put out. On the way it waits, calls somebody, leaves a file
 * behind, fails or takes its process with it.
 */

export const probeNode = defineNode({
  type: 'probe',
  version: 1,
  title: 'Probe',
  description: 'Does what a test needs of a node.',
  category: 'flow',
  icon: 'flask-conical',
  inputs: [{ id: 'input', title: 'Input', dataType: 'any', many: true, carries: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'any' }],
  configSchema: z.object({
    label: z.string().optional(),
    name: z.string(),
    /** Milliseconds to wait. */
    ms: z.number().default(0),
    /** Called once per attempt, with the idempotency key. */
    callUrl: z.string().nullable().default(null),
    /** Bytes to write into the attempt's folder and to leave there. */
    bytes: z.number().default(0),
    /** What an unexpected error says, written backwards, so that the text itself stands nowhere else. */
    throws: z.string().nullable().default(null),
    /** A file: whoever finds it there removes it and blocks its process for ever. */
    blocksOnce: z.string().nullable().default(null),
    /** `always` is final and not retried; `crash` kills the worker's process. */
    fails: z.enum(['never', 'always', 'crash']).default('never'),
  }),
  defaults: { name: '' },
  costClass: () => 'io',
  isDeterministic: () => false,
});

/** What a probe puts out for these inputs. */
export function probeOutput(name: string, inputs: NodeInputs): string {
  return createHash('sha256')
    .update(canonicalJson([name, inputs]))
    .digest('hex');
}

const probeExecutor = defineExecutor(probeNode, async ({ config, inputs, signal, idempotencyKey, assets }) => {
  if (config.bytes > 0) await writeFile(path.join(assets.workDir, 'left-behind'), Buffer.alloc(config.bytes, 7));
  if (config.blocksOnce !== null) blockOnce(config.blocksOnce);
  if (config.callUrl !== null) await call(config.callUrl, idempotencyKey, signal);
  if (config.ms > 0) await sleep(config.ms, undefined, { signal });
  if (config.throws !== null) throw new Error(config.throws.split('').toReversed().join(''));
  if (config.fails === 'crash') process.kill(process.pid, 'SIGKILL');
  if (config.fails === 'always') throw new TerminalError('PROVIDER_BAD_REQUEST', 'This probe always fails.');
  return { output: probeOutput(config.name, inputs) };
});

function blockOnce(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    return;
  }
  // As a loop without end would, but it leaves the processor to others.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
}

/** As the providers do: a refusal for now is retried after the time it names, everything else that fails as well. */
async function call(url: string, idempotencyKey: string, signal: AbortSignal): Promise<void> {
  const request = { method: 'POST', headers: { 'idempotency-key': idempotencyKey }, signal };
  const response = await fetch(url, request).catch((error: unknown) => {
    throw new RetryableError('PROVIDER_NETWORK', 'The call did not get through.', { cause: error });
  });
  await response.arrayBuffer();
  if (response.ok) return;
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  throw new RetryableError('PROVIDER_RATE_LIMITED', `The provider answered ${response.status}.`, {
    retryAfterMs: seconds * 1_000,
  });
}

/** The same for one element of a list. */
export const probeEachNode = defineNode({
  type: 'probeEach',
  version: 1,
  title: 'Probe of an element',
  description: 'Does what a test needs of a node that is executed once for each element.',
  category: 'flow',
  icon: 'flask-conical',
  inputs: [{ id: 'input', title: 'Input', dataType: 'text', required: true }],
  outputs: [{ id: 'output', title: 'Output', dataType: 'text' }],
  configSchema: z.object({
    label: z.string().optional(),
    name: z.string(),
    /** Milliseconds to wait. */
    ms: z.number().default(0),
    /** Called once per attempt, with the idempotency key. */
    callUrl: z.string().nullable().default(null),
    /** The element for which it fails for good. */
    failsFor: z.string().nullable().default(null),
  }),
  defaults: { name: '' },
  costClass: () => 'io',
  isDeterministic: () => false,
});

/** What a probe of an element puts out for it. */
export function probeEachOutput(name: string, element: string): string {
  return `${name}(${element})`;
}

const probeEachExecutor = defineExecutor(probeEachNode, async ({ config, inputs, signal, idempotencyKey }) => {
  const element = String(inputs['input']);
  if (config.callUrl !== null) await call(config.callUrl, idempotencyKey, signal);
  if (config.ms > 0) await sleep(config.ms, undefined, { signal });
  if (element === config.failsFor) throw new TerminalError('PROVIDER_BAD_REQUEST', `Not ${element}.`);
  return { output: probeEachOutput(config.name, element) };
});

/** Every node type of the product, the probes, and lists as tests give them. */
export const probedNodes = {
  catalogue: catalogueOf([...nodeDefinitions, probeNode, probeEachNode, itemsNode, wholeNode]),
  executors: [...nodeExecutors, probeExecutor, probeEachExecutor, itemsExecutor, wholeExecutor],
};
