import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { eventually } from '../testing/eventually.ts';
import { findFreePort } from '../embedded/free-port.ts';
import { graphOf } from '../testing/graphs.ts';
import { createTestInstallation, type InstalledServer, type TestInstallation } from '../testing/installation.ts';
import { describeOnRedis } from '../testing/describe-on-redis.ts';

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly service: string;
}

describeOnRedis('an installation that is watched', () => {
  const spans: ReceivedSpan[] = [];
  let collector: Server;
  let installation: TestInstallation;
  let server: InstalledServer;
  let workerUrl: string;

  beforeAll(async () => {
    collector = createServer((request, response) => {
      void buffer(request).then((body) => {
        if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(body.toString())));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const { port } = collector.address() as AddressInfo;
    installation = await createTestInstallation('redis', {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    server = await installation.startServer();
    const metricsPort = await findFreePort();
    workerUrl = `http://127.0.0.1:${metricsPort}`;
    await installation.startWorker({ METRICS_PORT: String(metricsPort) });
  });
  afterAll(async () => {
    await installation.stop();
    await new Promise((resolve) => collector.close(resolve));
  });

  function spansOf(body: { resourceSpans: readonly ResourceSpans[] }): ReceivedSpan[] {
    return body.resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const service = String(resource.attributes.find(({ key }) => key === 'service.name')?.value['stringValue']);
      return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
    });
  }

  async function runGraph(): Promise<string> {
    const graph = graphOf(['a', 'b', 'c'], ['a>b', 'a>c']);
    const runId = await server.api.start(await server.api.createWorkflow(graph));
    expect(await server.api.finished(runId)).toMatchObject({ status: 'COMPLETED' });
    return runId;
  }

  test('has one trace of a run, from the request that started it to every node', async () => {
    const runId = await runGraph();
    const traceId = runId.replaceAll('-', '');
    await eventually(() => {
      const names = spans.filter((span) => span.traceId === traceId).map((span) => span.name);
      return names.filter((name) => name === 'node delay').length === 3 && names.includes('orchestrate');
    });
    const ofRun = spans.filter((span) => span.traceId === traceId);
    const root = ofRun.find((span) => span.name === 'run')!;
    expect(root.service).toBe('heddle-server');
    expect(root.parentSpanId ?? '').toBe('');
    const others = ofRun.filter((span) => span !== root);
    expect(others.every((span) => span.parentSpanId === root.spanId && span.service === 'heddle-worker')).toBe(true);
    await eventually(() => spans.some((span) => span.name === 'POST /api/workflows/:id/run'));
    const request = spans.find((span) => span.name === 'POST /api/workflows/:id/run')!;
    expect(root.links?.[0]).toMatchObject({ traceId: request.traceId, spanId: request.spanId });
    expect(request.links?.[0]).toMatchObject({ traceId, spanId: root.spanId });
  });

  test('goes on with the trace of a caller', async () => {
    const caller = '0af7651916cd43dd8448eb211c80319c';
    await fetch(`${server.url}/api/workflows`, {
      headers: { authorization: `Bearer ${installation.apiKey}`, traceparent: `00-${caller}-b7ad6b7169203331-01` },
    });
    await eventually(() => spans.some((span) => span.traceId === caller && span.name === 'GET /api/workflows'));
  });

  test('sends no secret, no address and no input with its spans', async () => {
    await fetch(`${server.url}/api/workflows?cursor=not-to-be-seen`, {
      headers: { authorization: `Bearer ${installation.apiKey}` },
    });
    await runGraph();
    await eventually(() => spans.filter((span) => span.name === 'GET /api/workflows').length >= 2);
    const text = JSON.stringify(spans);
    expect(text).not.toContain(installation.apiKey);
    expect(text).not.toContain('not-to-be-seen');
  });

  test('shows waits, run times, queues, pools, workers and event lag as figures', async () => {
    await runGraph();
    const ofWorker = await (await fetch(`${workerUrl}/metrics`)).text();
    expect(ofWorker).toMatch(/heddle_node_wait_seconds_count\{node_type="delay"\} [1-9]/);
    expect(ofWorker).toMatch(/heddle_node_run_seconds_count\{node_type="delay",outcome="completed"\} [1-9]/);
    expect(ofWorker).toMatch(/heddle_db_connections\{state="most"\} 6/);
    expect(ofWorker).toMatch(/heddle_rescued_attempts_total 0/);
    expect(ofWorker).toMatch(/process_resident_memory_bytes [1-9]/);
    const ofServer = await (await fetch(`${server.url}/metrics`)).text();
    for (const queue of ['orchestrator', 'node-io', 'node-cpu']) {
      expect(ofServer).toMatch(new RegExp(`heddle_queue_jobs\\{queue="${queue}",state="waiting"\\} \\d`));
    }
    expect(ofServer).toMatch(/heddle_workers\{state="alive"\} 1/);
    expect(ofServer).toMatch(/heddle_event_lag_seconds_count \d/);
    expect(ofServer).toMatch(/heddle_db_connections\{state="waiting"\} \d/);
    const runId = await runGraph();
    expect(ofWorker + ofServer).not.toContain(runId);
  });
});

interface ResourceSpans {
  readonly resource: {
    readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  };
  readonly scopeSpans: readonly { readonly spans: readonly Omit<ReceivedSpan, 'service'>[] }[];
}
