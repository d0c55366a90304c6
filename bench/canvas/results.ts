import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import type { Graph } from '../../core/graph/graph.ts';
import type { BrowserStack } from '../../testing/browser-stack.ts';
import { largeGraph } from '../../testing/large-graph.ts';
import { makePhoto } from '../photo.ts';
import { countEvents, keepRunning, movements, recordFrames, wheelOver } from './frames.ts';
import { openingOf } from './opening.ts';
import { percentile, type Finding } from './report.ts';

/** One frame of 60 a second. */
const frameMs = 17;
const lightboxMs = 100;
/** Each with a page of its own, that has loaded nothing before. */
const turns = 7;

const pictures = 180;
/** With 180 pictures: 500 nodes, 200 results; a run of it has about 100 status events a second. */
const load = { layers: 30, width: 10, texts: 20, edges: 700, delayMs: 260 };

/** Frames while a person pans, drags, and goes through 200 results in the strip, with a run of 500 nodes under way. */
export async function measureStrip(stack: BrowserStack): Promise<Finding[]> {
  const workflowId = await stack.server.api.createWorkflow(await withPictures(stack));
  const first = await stack.server.api.start(workflowId, { useCache: false });
  await stack.server.api.finished(first);
  const { page, context } = await stack.open({ path: '/sign-in' });
  const events = countEvents(page);
  await page.goto(`${stack.server.url}/workflows/${workflowId}`);
  await page.locator('[data-result]').nth(199).waitFor({ state: 'attached' });
  // Their small copies are made when they are first asked for, here by the machine that draws the frames, too.
  await page.waitForFunction(areLoaded, pictures);
  const running = keepRunning(stack, workflowId);
  const findings: Finding[] = [];
  try {
    await page.locator('[data-status="running"]').first().waitFor({ state: 'attached' });
    const ways: Readonly<Record<string, (on: Page) => Promise<void>>> = {
      panning: movements['panning']!,
      dragging: movements['dragging']!,
      'going through the strip': (on) => wheelOver(on, '.results-strip'),
    };
    for (const [name, move] of Object.entries(ways)) {
      const before = events.count();
      const startedAt = performance.now();
      const frames = await recordFrames(page, () => move(page));
      const rate = ((events.count() - before) * 1_000) / (performance.now() - startedAt);
      findings.push({
        name: `${name}, 200 results, 500 nodes: p95 frame`,
        value: percentile(frames, 0.95),
        target: frameMs,
        detail: `median ${percentile(frames, 0.5).toFixed(1)}, worst ${Math.max(...frames).toFixed(0)}, ${frames.length} frames, ${rate.toFixed(0)} events/s`,
      });
    }
  } finally {
    await running.stop();
    await context.close();
  }
  return findings;
}

function areLoaded(wanted: number): boolean {
  const images = [...document.querySelectorAll<HTMLImageElement>('.far-face img')];
  return images.length === wanted && images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
}

async function withPictures(stack: BrowserStack): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  try {
    const source = ['-f', 'lavfi', '-i', 'testsrc=size=640x480:rate=25', '-frames:v', String(pictures)];
    await promisify(execFile)('ffmpeg', ['-v', 'error', ...source, join(folder, '%03d.jpg')]);
    const urls: string[] = [];
    for (const name of (await readdir(folder)).toSorted()) {
      urls.push((await stack.server.api.upload(join(folder, name))).url);
    }
    const { nodes, edges } = largeGraph(load);
    return {
      nodes: [
        ...nodes,
        ...urls.map((url, index) => ({
          id: `p${index}`,
          type: 'image',
          // Beside the others, as wide as high.
          position: { x: -400 - (index % 12) * 340, y: Math.floor(index / 12) * 400 },
          data: { label: `Picture ${index}`, file: { url } },
        })),
      ],
      edges,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** From the click on the result to the frame in which the lightbox shows the picture, small or whole. */
export async function measureLightbox(stack: BrowserStack): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  const { url } = await stack.server.api.upload(await makePhoto(folder));
  await rm(folder, { recursive: true });
  const workflowId = await stack.server.api.createWorkflow({
    nodes: [{ id: 'photo', type: 'image', position: { x: 0, y: 0 }, data: { label: 'Photo', file: { url } } }],
    edges: [],
  });
  await stack.server.api.finished(await stack.server.api.start(workflowId));
  const samples: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const { page, context } = await stack.open({ path: `/workflows/${workflowId}` });
    const tile = page.getByRole('button', { name: 'Open Photo', exact: true });
    await tile.locator('img').evaluate((image: HTMLImageElement) => image.decode());
    samples.push(await openingOf(page, tile, '.zoom-area img'));
    await context.close();
  }
  return [
    {
      name: 'opening the lightbox, 12 MP (worst)',
      value: Math.max(...samples),
      target: lightboxMs,
      detail: `median ${percentile(samples, 0.5).toFixed(0)}, ${turns} turns`,
    },
  ];
}
