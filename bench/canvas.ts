import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { nicenessOn, stepBack } from '../cli/stack/own-machine-niceness.ts';
import { launchBrowser, startBrowserStack } from '../testing/browser-stack.ts';
import startTestServices from '../testing/global-setup.ts';
import { canvasLoad, largeGraph } from '../testing/large-graph.ts';
import { measureBaseline } from './canvas/baseline.ts';
import { measureFrames } from './canvas/frames.ts';
import { measureLatency } from './canvas/latency.ts';
import { measureLoad } from './canvas/load.ts';
import { measureRegion } from './canvas/region.ts';
import { report, type Finding } from './canvas/report.ts';
import { measureLightbox, measureStrip } from './canvas/results.ts';

/*
 * How the canvas holds up, in headless Chromium against the real stack: the
 * frames of 500 nodes and 700 edges while about 100 events a second arrive, with
 * and without 200 results below them, and of a node that goes through 10,000
 * elements; how fast such a workflow, a result in large and a grid of all
 * elements open; how long a status takes from its commit to its ring; and what
 * the same browser does with a page without any framework.
 *
 *   npm run bench:canvas -- [--only load,latency,baseline,frames,strip,lightbox,region] [--json FILE]
 *
 * Ends with code 1 where a target is missed.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'load,latency,baseline,frames,strip,lightbox,region' },
    json: { type: 'string' },
  },
});
const chosen = new Set(values.only.split(','));

// As `heddle start` has it: the browser goes before the stack that it shares the machine with.
const browser = await launchBrowser();
stepBack(nicenessOn('127.0.0.1', null));
await startTestServices();
const stack = await startBrowserStack({}, undefined, browser);
const findings: Finding[] = [];
try {
  const workflowId = await stack.server.api.createWorkflow(largeGraph(canvasLoad));
  if (chosen.has('load')) findings.push(...(await measureLoad(stack, workflowId)));
  if (chosen.has('latency')) findings.push(...(await measureLatency(stack)));
  // Zooming is held against what it takes with a plain page in the same run.
  const needsPlain = ['baseline', 'frames', 'region'].some((name) => chosen.has(name));
  const baseline = needsPlain ? await measureBaseline(stack) : [];
  findings.push(...baseline);
  const plainZoomMs = baseline.at(-1)?.value ?? 0;
  if (chosen.has('frames')) findings.push(...(await measureFrames(stack, workflowId, plainZoomMs)));
  if (chosen.has('strip')) findings.push(...(await measureStrip(stack)));
  if (chosen.has('lightbox')) findings.push(...(await measureLightbox(stack)));
  if (chosen.has('region')) findings.push(...(await measureRegion(stack, plainZoomMs)));
} catch (error) {
  // Told before anything is stopped: what is still under way may then end this process with an error of its own.
  console.error(error);
  throw error;
} finally {
  await stack.stop();
  await globalThis.stopTestServices?.();
}
report(findings);
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(findings, null, 2));
if (findings.some(({ value, target }) => target !== null && value > target)) process.exitCode = 1;
