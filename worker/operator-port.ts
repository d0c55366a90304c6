import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { answersInTime } from '../boot/probe.ts';

interface OperatorPortOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** Ask Postgres and the queue; they reject when there is no answer. */
  readonly probes: { readonly postgres: () => Promise<unknown>; readonly queue: () => Promise<unknown> };
  /** True once the worker takes no more work. */
  readonly isDraining: () => boolean;
}

/** The small HTTP server of a worker, for health and metrics. */
export interface OperatorPort {
  /** The port it listens on. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A small port for operators and their tools: `/healthz` (the process lives),
 * `/readyz` (it can do its work), `/metrics`. It takes no work and no input.
 */
export async function openOperatorPort(options: OperatorPortOptions): Promise<OperatorPort> {
  const { registry, probes, isDraining } = options;

  async function answer(path: string): Promise<{ status: number; type: string; body: string }> {
    const json = (status: number, body: object) => ({ status, type: 'application/json', body: JSON.stringify(body) });
    switch (path) {
      case '/healthz':
        return json(200, { status: 'ok' });
      case '/readyz': {
        const [postgres, queue] = await Promise.all([answersInTime(probes.postgres()), answersInTime(probes.queue())]);
        const draining = isDraining();
        const isReady = postgres && queue && !draining;
        return json(isReady ? 200 : 503, {
          status: isReady ? 'ready' : 'unavailable',
          postgres: postgres ? 'ok' : 'down',
          queue: queue ? 'ok' : 'down',
          draining,
        });
      }
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return json(404, { status: 'not found' });
    }
  }

  const listener: RequestListener = (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    answer(path).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      },
      () => response.writeHead(500).end(),
    );
  };
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
