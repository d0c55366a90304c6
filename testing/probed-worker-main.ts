import { parseArgs } from 'node:util';
import { runWorker } from '../worker/program.ts';
import { workPoints, type WorkPointListener } from '../worker/work-points.ts';
import { probedNodes } from './probe-node.ts';
import { reportHeapOnSignal } from './report-heap.ts';
import { skewClock } from './skew-clock.ts';

/*
 * The worker of the product with the probe among its nodes.
 *
 *   --die-at after-claim:2   kill -9 of itself when it passes that point for the second time
 *   --when-told              it counts from SIGUSR2 on, once nothing that it took before is under way: then it prints {"told":true}
 *   --tell-taken             prints {"taken":{"id":...,"attempt":...}} for each attempt that it is about to claim
 *   --skew-ms 3600000        its clock is an hour ahead
 */
const { values } = parseArgs({
  options: {
    'die-at': { type: 'string' },
    'when-told': { type: 'boolean', default: false },
    'tell-taken': { type: 'boolean', default: false },
    'skew-ms': { type: 'string' },
  },
});

function dieAt(text: string): WorkPointListener {
  const [name, count = '1'] = text.split(':');
  const point = workPoints.find((candidate) => candidate === name);
  if (point === undefined) throw new Error(`There is no point "${name}". Points: ${workPoints.join(', ')}`);
  let left = Number(count);
  let isCounting = !values['when-told'];
  let isTold = false;
  let underWay = 0;
  const begin = () => {
    if (isCounting || !isTold || underWay > 0) return;
    isCounting = true;
    process.stdout.write(`${JSON.stringify({ told: true })}\n`);
  };
  if (values['when-told']) {
    process.on('SIGUSR2', () => {
      isTold = true;
      begin();
    });
  }
  return (passed) => {
    if (isCounting) {
      if (passed !== point) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
      return;
    }
    if (passed === 'after-claim') underWay += 1;
    if (passed === 'after-enqueue') underWay -= 1;
    begin();
  };
}

const tellTaken: WorkPointListener = (_point, taken) => {
  if (taken === undefined) return;
  const { id, attempt } = taken;
  process.stdout.write(`${JSON.stringify({ taken: { id, attempt } })}\n`);
};

const listeners = [
  ...(values['die-at'] === undefined ? [] : [dieAt(values['die-at'])]),
  ...(values['tell-taken'] ? [tellTaken] : []),
];

reportHeapOnSignal();
if (values['skew-ms'] !== undefined) skewClock(Number(values['skew-ms']));
runWorker({
  nodes: probedNodes,
  ...(listeners.length > 0 && { at: (...passed) => listeners.forEach((listener) => listener(...passed)) }),
});
