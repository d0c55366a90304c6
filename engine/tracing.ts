import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Attributes, Context, Span } from '@opentelemetry/api';

/*
 * Traces, for installations that collect them (OTEL_EXPORTER_OTLP_ENDPOINT);
 * without one every call here does nothing.
 *
 * A run is one trace whose id is the run's id without dashes. So every process
 * finds the trace of a run without being told: nothing about traces is in the
 * database or in a job. An HTTP request has a trace of its own, or that of its
 * caller; its span and the first one of the run that it started are linked.
 */

const tracer = () => trace.getTracer('heddle');

/** The trace of a run: its id without dashes. */
export function traceIdOf(runId: string): string {
  return runId.replaceAll('-', '').toLowerCase();
}

/** The first span of a run: the random half of its id. */
export function spanIdOf(runId: string): string {
  return traceIdOf(runId).slice(16);
}

function contextOf(runId: string): Context {
  const spanContext = { traceId: traceIdOf(runId), spanId: spanIdOf(runId), traceFlags: TraceFlags.SAMPLED };
  return trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, isRemote: true });
}

/** Set for the moment in which the first span of a run is made; the id generator looks here. */
export const nextIds: { runId: string | null } = { runId: null };

/** Writes the first span of a run, linked with the request that started it. */
export function traceRunStart(runId: string, attributes: Attributes): void {
  const request = trace.getActiveSpan();
  nextIds.runId = runId;
  const links = request === undefined ? [] : [{ context: request.spanContext() }];
  const span = tracer().startSpan('run', { root: true, links, attributes: { 'heddle.run.id': runId, ...attributes } });
  nextIds.runId = null;
  request?.setAttribute('heddle.run.id', runId);
  request?.addLink({ context: span.spanContext() });
  span.end();
}

/** A span below the first one of a run; the caller ends it. */
export function startRunSpan(runId: string, name: string, attributes: Attributes): Span {
  const options = { kind: SpanKind.CONSUMER, attributes: { 'heddle.run.id': runId, ...attributes } };
  return tracer().startSpan(name, options, contextOf(runId));
}

/** Does `work` inside a span below the first one of a run. */
export async function inRunSpan<Result>(runId: string, name: string, work: () => Promise<Result>): Promise<Result> {
  const span = startRunSpan(runId, name, {});
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The span of a request and what to run its handlers in; `headers` may carry the caller's trace. */
export function startRequestSpan(
  method: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): { readonly span: Span; run(handlers: () => void): void } {
  const outer = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer().startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } },
    outer,
  );
  return { span, run: (handlers) => context.with(trace.setSpan(outer, span), handlers) };
}

/** Marks a span as failed; the reason is a code, never a text that could hold somebody's data. */
export function markFailed(span: Span, code: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
