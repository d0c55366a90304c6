import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { must } from './checks.ts';
import type { ComposeContext } from './context.ts';
import { checkRuns, describe, fanEdges, fanNodes } from './load.ts';
import { projectRoot } from './stack.ts';

const samples = join(projectRoot, 'web', 'public', 'samples');

/** Workflows through the public port. */
export async function checkWork({ checks, stack, api }: ComposeContext): Promise<void> {
  await checks.check('crop and frame work on uploaded files, and their outputs are pictures', async () => {
    const photo = await api.upload(join(samples, 'flask.jpg'));
    const clip = await api.upload(join(samples, 'turn.mp4'));
    const file = (asset: { url: string; name: string; mimeType: string }) => ({
      file: { url: asset.url, name: asset.name, type: asset.mimeType },
    });
    const half = { x_percent: 0, y_percent: 0, width_percent: 50, height_percent: 50 };
    const workflowId = await api.createWorkflow(
      [
        { id: 'photo', type: 'image', data: { label: 'Photo', ...file(photo) } },
        { id: 'clip', type: 'video', data: { label: 'Clip', ...file(clip) } },
        { id: 'crop', type: 'cropImage', data: { label: 'Crop', ...half } },
        { id: 'frame', type: 'extractFrame', data: { label: 'Frame', timestamp: '50%' } },
        { id: 'cropFrame', type: 'cropImage', data: { label: 'Crop of the frame', ...half } },
      ],
      ['photo>crop.image_url', 'clip>frame.video_url', 'frame>cropFrame.image_url'],
    );
    const run = await api.finished(await api.start(workflowId, randomUUID()));
    must(run.status === 'COMPLETED', `${run.status}: ${run.error}`);
    const output = (nodeId: string) => {
      const node = run.nodeExecutions.find((execution) => execution.nodeId === nodeId);
      return (node?.outputData as { output: { url: string; width: number; height: number } } | null)?.output;
    };
    const sizes: string[] = [];
    for (const [nodeId, source] of [
      ['crop', photo],
      ['frame', { width: clip.width! * 2, height: clip.height! * 2 }],
      ['cropFrame', clip],
    ] as const) {
      const picture = output(nodeId);
      must(picture !== undefined, `${nodeId} has no output`);
      const { width, height } = await sharp(await api.download(picture.url)).metadata();
      const isHalf = Math.abs(width - source.width! / 2) <= 1 && Math.abs(height - source.height! / 2) <= 1;
      must(isHalf, `${nodeId} is ${width}x${height}`);
      sizes.push(`${nodeId} ${width}x${height}`);
    }
    return sizes.join(', ');
  });

  await checks.check('work spreads over all workers', async () => {
    const workflowId = await api.createWorkflow(fanNodes(200), fanEdges);
    const runIds = await Promise.all(Array.from({ length: 40 }, () => api.start(workflowId, randomUUID())));
    const result = await checkRuns(stack, runIds);
    must(result.repeats === 0, `${result.repeats} attempts were repeated`);
    const shares = await stack.query(
      `select w.hostname, count(*) from node_executions n join workers w on w.id = n.worker_id
        where n.run_id = any ('{${runIds.join(',')}}'::uuid[]) and n.pool = 'io' group by 1`,
    );
    const counts = shares.map(([, count]) => Number(count));
    must(counts.length === 3, `${counts.length} of 3 workers had work`);
    const all = counts.reduce((sum, count) => sum + count, 0);
    must(Math.min(...counts) > all / 10, `the shares are ${counts.join(', ')}`);
    return `${counts.join(' + ')} nodes; ${describe(result)}`;
  });

  await checks.check('equal requests with one Idempotency-Key start one run', async () => {
    const workflowId = await api.createWorkflow(fanNodes(10), fanEdges);
    const key = randomUUID();
    const ids = await Promise.all(Array.from({ length: 10 }, () => api.start(workflowId, key)));
    must(new Set(ids).size === 1, `${new Set(ids).size} runs`);
    await checkRuns(stack, [ids[0]!]);
  });

  await checks.check('addresses typed by users reach neither Postgres nor Redis', async () => {
    const addresses = ['http://postgres/', 'http://redis/', 'http://redis:6379/', 'http://server:3000/metrics'];
    for (const service of ['postgres', 'redis']) {
      const [container = ''] = await stack.containers(service);
      const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
      const ip = (await stack.docker('inspect', '--format', format, container)).trim();
      must(/^\d+(?:\.\d+){3}$/.test(ip), `${service} is on more than one network: ${ip}`);
      addresses.push(`http://${ip}/`, `http://[::ffff:${ip}]/`);
    }
    for (const url of addresses) {
      const graph = {
        nodes: [
          { id: 'image', type: 'image', position: { x: 0, y: 0 }, data: { label: 'I', image: url } },
          { id: 'wait', type: 'delay', position: { x: 0, y: 0 }, data: { label: 'D', ms: 0 } },
        ],
        edges: [{ id: 'e', source: 'image', sourceHandle: 'output', target: 'wait', targetHandle: 'input' }],
      };
      const saved = await api.request('POST', '/api/workflows', { name: 'inward', data: graph });
      if (saved.status === 422) continue;
      must(saved.status === 201, `${url}: ${saved.status} ${JSON.stringify(saved.body)}`);
      const run = await api.finished(await api.start(Number(saved.body['id']), randomUUID()));
      const code = run.nodeExecutions.find((node) => node.nodeId === 'image')?.errorCode;
      must(code === 'URL_NOT_ALLOWED' || code === 'URL_PORT', `${url}: ${run.status} ${code}`);
    }
  });

  await checks.check('the way out of the workers does not lead to the databases', async () => {
    // A container on the network of outgoing traffic alone, as if a download had its own.
    const project = (await stack.compose('config', '--format', 'json')).match(/"name": "(heddle-test-[0-9a-f]+)"/)?.[1];
    const [container = ''] = await stack.containers('redis');
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const ip = (await stack.docker('inspect', '--format', format, container)).trim();
    const script = `
      const socket = require('node:net').connect({ host: '${ip}', port: 6379, timeout: 3000 });
      socket.on('connect', () => { console.log('open'); process.exit(); });
      socket.on('timeout', () => { console.log('closed'); process.exit(); });
      socket.on('error', () => { console.log('closed'); process.exit(); });`;
    const from = ['run', '--rm', '--network', `${project}_internet`, 'heddle:compose-test', 'node', '-e', script];
    must((await stack.docker(...from)).trim() === 'closed', 'Redis answers on the network of outgoing traffic');
    const inside = await stack.compose('exec', '-T', 'worker', 'node', '-e', script);
    must(inside.trim() === 'open', 'the probe itself does not work');
  });
}
