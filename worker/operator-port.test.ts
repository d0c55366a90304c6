import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { openOperatorPort, type OperatorPort } from './operator-port.ts';

describe('the port of a worker for operators', () => {
  let port: OperatorPort;
  let isDraining = false;
  let isPostgresAway = false;

  beforeEach(async () => {
    const registry = new Registry();
    new Gauge({ name: 'probe', help: 'a figure', registers: [registry] }).set(7);
    isDraining = false;
    isPostgresAway = false;
    port = await openOperatorPort({
      host: '127.0.0.1',
      port: 0,
      registry,
      probes: {
        postgres: () => (isPostgresAway ? Promise.reject(new Error('away')) : Promise.resolve()),
        queue: () => Promise.resolve(),
      },
      isDraining: () => isDraining,
    });
  });
  afterEach(() => port.stop());

  const ask = (path: string) => fetch(`http://127.0.0.1:${port.port}${path}`);

  test('tells that it is ready, and which part is away when it is not', async () => {
    expect((await ask('/readyz')).status).toBe(200);
    isPostgresAway = true;
    const answer = await ask('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ postgres: 'down', queue: 'ok', draining: false });
    expect((await ask('/healthz')).status).toBe(200);
  });

  test('is not ready while the worker drains', async () => {
    isDraining = true;
    expect((await ask('/readyz')).status).toBe(503);
  });

  test('gives the figures in Prometheus form', async () => {
    const answer = await ask('/metrics');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await answer.text()).toContain('probe 7');
  });

  test('knows nothing else', async () => {
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/api/workflows')).status).toBe(404);
  });
});
