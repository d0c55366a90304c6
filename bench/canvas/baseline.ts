import type { BrowserStack } from '../../testing/browser-stack.ts';
import { percentile, type Finding } from './report.ts';

/** Each movement lasts this long. */
const phaseMs = 3_000;

/**
 * What the browser itself can do on this machine: a page without any framework,
 * with as many boxes and lines as the measured workflow, moved or scaled as a
 * whole in each frame, and as many changes of color a second. Nothing that is
 * drawn of elements can be faster in this browser; so these have no target. The first
 * is panning, the second zooming.
 */
export async function measureBaseline(stack: BrowserStack): Promise<Finding[]> {
  const { page, context } = await stack.open({ path: '/favicon.svg' });
  await page.goto('about:blank');
  await page.evaluate(buildPage);
  const findings: Finding[] = [];
  for (const movement of ['panning', 'zooming'] as const) {
    const frames = await page.evaluate(move, { movement, phaseMs });
    findings.push({
      name: `a plain page, ${movement}: p95 frame`,
      value: percentile(frames, 0.95),
      target: null,
      detail: `median ${percentile(frames, 0.5).toFixed(1)}, worst ${Math.max(...frames).toFixed(0)}, ${frames.length} frames`,
    });
  }
  await context.close();
  return findings;
}

function buildPage(): void {
  const layer = document.createElement('div');
  layer.id = 'layer';
  layer.style.cssText = 'position:absolute;inset:0;transform-origin:0 0';
  const boxes = Array.from({ length: 500 }, (_, index) => {
    const [column, row] = [index % 17, Math.floor(index / 17)];
    return `<div class="box" style="transform:translate(${column * 340}px,${row * 210}px)">Step ${index}</div>`;
  });
  const lines = Array.from({ length: 700 }, (_, index) => {
    const [x, y] = [(index % 16) * 340 + 264, Math.floor(index / 17) * 150 + 40];
    return `M${x} ${y}C${x + 40} ${y} ${x + 36} ${y + 210} ${x + 76} ${y + 210}`;
  });
  layer.innerHTML = `<svg style="position:absolute;overflow:visible;width:1px;height:1px"><path d="${lines.join('')}"
    fill="none" stroke="#6fa8ff" stroke-width="5" /></svg>${boxes.join('')}`;
  const style = document.createElement('style');
  style.textContent = `body { margin: 0; overflow: hidden; background: #121316 } .box { position: absolute; width: 264px;
    height: 134px; border: 6px solid #2c3036; border-radius: 12px; box-sizing: border-box; background: #17191c; color: #fff;
    font: 600 30px sans-serif; contain: strict }`;
  document.head.append(style);
  document.body.append(layer);
}

/** Moves the layer for a while, and gives the milliseconds between the frames. */
function move({ movement, phaseMs: lastsMs }: { movement: 'panning' | 'zooming'; phaseMs: number }): Promise<number[]> {
  const layer = document.getElementById('layer')!;
  const boxes = [...document.querySelectorAll<HTMLElement>('.box')];
  const start = performance.now();
  const times: number[] = [];
  let changed = 0;
  return new Promise((resolve) => {
    const tick = (at: number) => {
      times.push(at);
      const passed = at - start;
      if (passed > lastsMs) {
        resolve(times.slice(1).map((time, index) => time - times[index]!));
        return;
      }
      const swing = Math.sin(passed / 290);
      const scale = movement === 'zooming' ? 0.15 * 2 ** (swing / 2) : 0.15;
      layer.style.transform = `translate(${120 + swing * 110}px, ${60 + swing * 50}px) scale(${scale})`;
      for (; changed < passed / 10; changed += 1) {
        boxes[(changed * 7) % boxes.length]!.style.borderColor = changed % 2 === 0 ? '#f6b73c' : '#4cc38a';
      }
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}
