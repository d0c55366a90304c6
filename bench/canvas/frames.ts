import type { Page } from 'playwright-core';
import type { BrowserStack } from '../../testing/browser-stack.ts';
import { percentile, zoomTarget, type Finding } from './report.ts';

const targetMs = 20;
/** Each kind of movement lasts this long. */
const phaseMs = 3_000;
/** Moves of a pointer come about as often as frames. */
const moveMs = 12;

/** Two nodes a frame unfold: by then, all of some sixty in view have. */
const unfoldedMs = 2_000;

/** How near people look at a large graph: all of it, some dozen nodes, and as near as one reads. */
const views: Readonly<Record<string, number | null>> = { 'all of it': null, 'half size': 0.5, 'full size': 1 };

/** Frames while a person pans, zooms and drags, near and far, with a run under way all the time. `plainZoomMs`: of a plain page. */
export async function measureFrames(stack: BrowserStack, workflowId: number, plainZoomMs: number): Promise<Finding[]> {
  // The counter is there before the page opens its socket.
  const { page, context } = await stack.open({ path: '/sign-in' });
  const events = countEvents(page);
  await page.goto(`${stack.server.url}/workflows/${workflowId}`);
  await page.locator('.react-flow__node').first().waitFor();
  const running = keepRunning(stack, workflowId);
  const findings: Finding[] = [];
  try {
    await page.locator('[data-status="running"]').first().waitFor({ state: 'attached' });
    for (const [view, zoom] of Object.entries(views)) {
      await page.locator('.react-flow__controls-fitview').click();
      if (zoom !== null) await zoomTo(page, zoom);
      await page.waitForTimeout(unfoldedMs);
      for (const [name, move] of Object.entries(movements)) {
        const before = events.count();
        const startedAt = performance.now();
        const frames = await recordFrames(page, () => move(page));
        const rate = ((events.count() - before) * 1_000) / (performance.now() - startedAt);
        findings.push({
          name: `${name}, ${view}: p95 frame`,
          value: percentile(frames, 0.95),
          target: name === 'zooming' ? zoomTarget(targetMs, plainZoomMs) : targetMs,
          detail: `median ${percentile(frames, 0.5).toFixed(1)}, worst ${Math.max(...frames).toFixed(0)}, ${frames.length} frames, ${rate.toFixed(0)} events/s`,
        });
      }
    }
  } finally {
    await running.stop();
    await context.close();
  }
  return findings;
}

/** Runs the workflow again and again. */
export function keepRunning(stack: BrowserStack, workflowId: number): { stop(): Promise<void> } {
  let isStopped = false;
  const loop = (async () => {
    while (!isStopped) {
      const runId = await stack.server.api.start(workflowId, { useCache: false });
      // The database is asked, so that the server has nothing to do for this.
      while (!(await isOver(stack, runId))) {
        if (isStopped) await stack.server.api.request('POST', `/api/runs/${runId}/cancel`, {});
        await sleep(250);
      }
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await loop;
    },
  };
}

async function isOver({ installation }: BrowserStack, runId: string): Promise<boolean> {
  const { rows } = await installation.pool.query<{ over: boolean }>(
    'select finished_at is not null as over from workflow_runs where id = $1',
    [runId],
  );
  return rows[0]?.over ?? true;
}

/** Status events that the page got over its socket. */
export function countEvents(page: Page): { count(): number } {
  let count = 0;
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('run:event')) count += 1;
    }),
  );
  return { count: () => count };
}

/** Milliseconds between the frames that the page drew meanwhile. */
export async function recordFrames(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { frameTimes: times, isRecording: true });
    const tick = (at: number) => {
      times.push(at);
      if ((window as unknown as { isRecording: boolean }).isRecording) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await work();
  return page.evaluate(() => {
    const recorded = window as unknown as { frameTimes: number[]; isRecording: boolean };
    recorded.isRecording = false;
    return recorded.frameTimes.slice(1).map((at, index) => at - recorded.frameTimes[index]!);
  });
}

export const movements: Record<string, (page: Page) => Promise<void>> = {
  panning: (page) => drag(page, emptySpot),
  zooming: async (page) => {
    await page.mouse.move(820, 460);
    const until = performance.now() + phaseMs;
    for (let step = 0; performance.now() < until; step += 1) {
      await page.mouse.wheel(0, Math.floor(step / 40) % 2 === 0 ? 12 : -12);
      await sleep(moveMs);
    }
  },
  dragging: (page) => drag(page, headOfANode),
};

/** Turns the wheel over something that scrolls, there and back. */
export async function wheelOver(page: Page, selector: string): Promise<void> {
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  const until = performance.now() + phaseMs;
  for (let step = 0; performance.now() < until; step += 1) {
    await page.mouse.wheel(0, Math.floor(step / 80) % 2 === 0 ? 90 : -90);
    await sleep(moveMs);
  }
}

async function drag(page: Page, spotOf: (page: Page) => Promise<{ x: number; y: number }>): Promise<void> {
  const from = await spotOf(page);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const until = performance.now() + phaseMs;
  for (let step = 0; performance.now() < until; step += 1) {
    const angle = step / 24;
    await page.mouse.move(from.x + Math.sin(angle) * 220, from.y + (1 - Math.cos(angle)) * 110);
    await sleep(moveMs);
  }
  await page.mouse.up();
}

/** A point where nothing but the canvas lies. */
async function emptySpot(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    const area = document.querySelector('.react-flow__pane')!.getBoundingClientRect();
    for (let y = area.top + 120; y < area.bottom - 120; y += 7) {
      for (let x = area.left + 260; x < area.right - 260; x += 11) {
        if (document.elementFromPoint(x, y)?.classList.contains('react-flow__pane') === true) return { x, y };
      }
    }
    throw new Error('There is no empty spot on the canvas.');
  });
}

/** The middle of the name of a node near the middle of the canvas. */
async function headOfANode(page: Page): Promise<{ x: number; y: number }> {
  return page.evaluate(() => {
    const area = document.querySelector('.react-flow__pane')!.getBoundingClientRect();
    const middle = { x: area.left + area.width / 2, y: area.top + area.height / 2 };
    const heads = [...document.querySelectorAll('.react-flow__node')].map((node) => {
      const { left, top, width } = node.getBoundingClientRect();
      // A node is 264 pixels wide on the canvas, and its head 40 high.
      return { x: left + width / 2, y: top + (width / 264) * 20 };
    });
    const distance = (spot: { x: number; y: number }) => Math.hypot(spot.x - middle.x, spot.y - middle.y);
    return heads.toSorted((a, b) => distance(a) - distance(b))[0]!;
  });
}

/** Turns the wheel until the canvas is shown at least this large. */
async function zoomTo(page: Page, zoom: number): Promise<void> {
  await page.mouse.move(820, 460);
  while ((await zoomOf(page)) < zoom) {
    await page.mouse.wheel(0, -20);
    await sleep(moveMs);
  }
}

async function zoomOf(page: Page): Promise<number> {
  return page.evaluate(
    () => new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')!).transform).a,
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
