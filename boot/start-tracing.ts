import type { IdGenerator } from '@opentelemetry/sdk-trace-node';
import { nextIds, spanIdOf, traceIdOf } from '../engine/tracing.ts';

interface TracingOptions {
  /** Where spans are sent to, in OTLP over HTTP; null: there are none. */
  readonly endpoint: string | null;
  /** `heddle-server` or `heddle-worker`. */
  readonly service: string;
  readonly version: string;
}

/** Starts sending spans. The SDK is loaded only where there is somebody to send them to. */
export async function startTracing({ endpoint, service, version }: TracingOptions): Promise<{ stop(): Promise<void> }> {
  if (endpoint === null) return { stop: async () => {} };
  const [
    { BatchSpanProcessor, NodeTracerProvider, RandomIdGenerator },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const random = new RandomIdGenerator();
  const idGenerator: IdGenerator = {
    generateTraceId: () => (nextIds.runId === null ? random.generateTraceId() : traceIdOf(nextIds.runId)),
    generateSpanId: () => (nextIds.runId === null ? random.generateSpanId() : spanIdOf(nextIds.runId)),
  };
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    idGenerator,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  // What could not be sent when the process ends is not worth waiting for.
  return { stop: () => provider.shutdown().catch(() => {}) };
}
