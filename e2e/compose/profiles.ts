import { randomUUID } from 'node:crypto';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createComposeApi } from './api.ts';
import { must } from './checks.ts';
import { testSettings, type ComposeContext } from './context.ts';
import { findImage } from './images.ts';
import { checkRuns, describe, fanEdges, fanNodes } from './load.ts';
import { createComposeStack, freePort } from './stack.ts';
import { cropUploaded } from './work-with-files.ts';

/** The services that an installation may have besides: pools, proxy, monitoring, an S3 server. */
export async function checkProfiles({ checks, stack, api, image }: ComposeContext): Promise<void> {
  const scale = (...services: readonly string[]) =>
    stack.compose(
      '--profile',
      'pools',
      'up',
      '-d',
      '--wait',
      ...services.flatMap((service) => ['--scale', service]),
      'worker',
      'worker-llm',
      'worker-media',
    );

  await checks.check('pools: what waits and what computes run on workers of their own', async () => {
    await stack.configure(testSettings);
    await scale('worker=0', 'worker-llm=2', 'worker-media=1');
    const pixel = `data:image/png;base64,${onePixel}`;
    const workflowId = await api.createWorkflow(
      [
        ...fanNodes(50),
        { id: 'image', type: 'image', data: { label: 'I', image: pixel } },
        {
          id: 'crop',
          type: 'cropImage',
          data: { label: 'C', x_percent: 0, y_percent: 0, width_percent: 100, height_percent: 100 },
        },
      ],
      [...fanEdges, 'image>crop.image_url'],
    );
    const runIds = await Promise.all(Array.from({ length: 10 }, () => api.start(workflowId, randomUUID())));
    const result = await checkRuns(stack, runIds);
    const wrong = await stack.query(
      `select n.pool, w.pools from node_executions n join workers w on w.id = n.worker_id
        where n.run_id = any ('{${runIds.join(',')}}'::uuid[]) and n.pool <> 'inline' and n.pool <> all (w.pools)`,
    );
    must(wrong.length === 0, `nodes ran on workers of other pools: ${wrong.join(' ')}`);
    await scale('worker=3', 'worker-llm=0', 'worker-media=0');
    return describe(result);
  });

  await checks.check('an owner drains a worker: it takes no more work and goes on running', async () => {
    const { body } = await api.request('GET', '/api/workers');
    const worker = (body['items'] as { id: string; hostname: string; alive: boolean; draining: boolean }[]).find(
      ({ alive, draining }) => alive && !draining,
    );
    must(worker !== undefined, 'there is no worker');
    const answer = await api.request('POST', `/api/admin/workers/${worker.id}/drain`);
    must(answer.status === 202, `${answer.status} ${JSON.stringify(answer.body)}`);
    await sleep(5_000);
    const workflowId = await api.createWorkflow(fanNodes(100), fanEdges);
    const runIds = await Promise.all(Array.from({ length: 10 }, () => api.start(workflowId, randomUUID())));
    const result = await checkRuns(stack, runIds);
    const [[share = ''] = []] = await stack.query(
      `select count(*) from node_executions where worker_id = '${worker.id}' and run_id = any ('{${runIds.join(',')}}'::uuid[])`,
    );
    must(share === '0', `it took ${share} nodes`);
    await stack.docker('restart', '-t', '75', worker.hostname);
    return describe(result);
  });

  await checks.check('proxy: TLS in front of three servers, and one of them may go', async () => {
    const [https, http] = [await freePort(), await freePort()];
    const { settings, note } = await findImage(stack, 'PROXY_IMAGE');
    await stack.configure({
      ...testSettings,
      ...settings,
      DOMAIN: 'localhost',
      HTTPS_PORT: String(https),
      HTTP_PORT: String(http),
      PROXY_BIND_ADDRESS: '127.0.0.1',
      TRUST_PROXY: '1',
      PUBLIC_URL: `https://localhost:${https}`,
    });
    await stack.compose('--profile', 'proxy', 'up', '-d', '--scale', 'worker=3', '--scale', 'server-replica=2');
    const get = (path: string) => getOverTls(https, path, { authorization: `Bearer ${stack.apiKey}` });
    for (let tries = 0; ; tries += 1) {
      if ((await get('/api/workflows').catch(() => ({ status: 0 }))).status === 200) break;
      must(tries < 60, 'the proxy does not answer');
      await sleep(500);
    }
    must((await get('/metrics')).status === 404, 'the figures can be read from outside');
    must((await get('/')).text.includes('<div id="root"'), 'the web app is not served');
    const redirect = await fetch(`http://127.0.0.1:${http}/`, { redirect: 'manual', headers: { host: 'localhost' } });
    must([301, 308].includes(redirect.status), `http answered ${redirect.status}`);

    const [replica = ''] = await stack.containers('server-replica');
    let failures = 0;
    const asking = (async () => {
      for (let asked = 0; asked < 100; asked += 1) {
        if ((await get('/api/workflows').catch(() => ({ status: 0 }))).status !== 200) failures += 1;
        await sleep(50);
      }
    })();
    await sleep(500);
    await stack.docker('stop', replica);
    await asking;
    must(failures === 0, `${failures} of 100 requests failed while a server was stopped`);
    await stack.compose('--profile', 'proxy', 'rm', '--stop', '--force', 'proxy', 'server-replica');
    await stack.configure(testSettings);
    await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
    return `100 of 100 requests answered while one of three servers was stopped (${note})`;
  });

  await checks.check('observability: Prometheus finds every server and worker, and reads the alerts', async () => {
    const { settings, note } = await findImage(stack, 'PROMETHEUS_IMAGE');
    await stack.configure({ ...testSettings, ...settings });
    await stack.compose('--profile', 'observability', 'up', '-d', '--no-deps', 'prometheus');
    const ask = async (path: string): Promise<{ data: Record<string, unknown[]> }> => {
      const script = `fetch('http://prometheus:9090${path}').then((a) => a.text()).then((t) => console.log(t))`;
      return JSON.parse(await stack.compose('exec', '-T', 'server', 'node', '-e', script));
    };
    for (let tries = 0; ; tries += 1) {
      const targets = await ask('/api/v1/targets').catch(() => ({ data: {} as Record<string, unknown[]> }));
      const active = (targets.data['activeTargets'] ?? []) as { labels: { job: string }; health: string }[];
      const up = active.filter(({ health }) => health === 'up').map(({ labels }) => labels.job);
      if (up.length === 4 && up.filter((job) => job === 'heddle-worker').length === 3) break;
      must(tries < 90, `after a minute and a half: ${JSON.stringify(active)}`);
      await sleep(1_000);
    }
    const groups = (await ask('/api/v1/rules')).data['groups'] as { rules: { health: string }[] }[];
    const rules = groups.flatMap((group) => group.rules);
    must(rules.length >= 10 && rules.every(({ health }) => health !== 'err'), JSON.stringify(rules));
    await stack.compose('--profile', 'observability', 'rm', '--stop', '--force', 'prometheus');
    await stack.configure(testSettings);
    return `4 targets, ${rules.length} alerts (${note})`;
  });

  await checks.check('s3: files of an installation are in a bucket, behind keys of its own', async () => {
    // An installation apart: one does not change its store under way.
    const other = await createComposeStack(image);
    try {
      const { settings, note } = await findImage(other, 'S3_IMAGE');
      await other.configure({ ...testSettings, ...settings, ASSETS_URL: 's3://heddle?endpoint=http://s3:9000' });
      await other.compose('--profile', 's3', 'up', '-d', '--wait');
      await cropUploaded(createComposeApi(other.url, other.apiKey));
      const onDisk = await other.compose('exec', '-T', 'worker', 'sh', '-c', 'find /var/lib/heddle -type f | wc -l');
      must(onDisk.trim() === '0', `${onDisk.trim()} files are on the disk`);
      await other.heddle('backup', '/backup/from-s3');
      return note;
    } finally {
      await other.dispose();
    }
  });
}

/** The proxy's certificate is of an authority of its own. */
function getOverTls(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers: { ...headers, host: 'localhost' },
      servername: 'localhost',
    };
    request({ ...options, rejectUnauthorized: false, timeout: 20_000 }, (response) => {
      buffer(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body.toString() }), reject);
    })
      .once('error', reject)
      .end();
  });
}

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
