import { z } from 'zod';
import { createAttemptAssets } from '../../assets/attempt-assets.ts';
import {
  llmExecuteBodySchema,
  llmExecuteResultSchema,
  modelProviderListSchema,
  type LlmExecuteBody,
  type LlmExecuteResult,
  type ModelProviderInfo,
} from '../../core/api/llm.ts';
import { AppError, RetryableError } from '../../core/errors/app-error.ts';
import { createFairPool } from '../../core/fair-pool.ts';
import type { Scope } from '../../core/scope.ts';
import { withoutKeys } from '../../core/scrub.ts';
import { listProviderKeys } from '../../db/provider-keys/list.ts';
import type { SealedProviderKey } from '../../db/provider-keys/rows.ts';
import { createPaidCalls } from '../../engine/paid-calls.ts';
import type { ModelRegistry } from '../../providers/registry.ts';
import type { ServerDependencies } from './deps.ts';
import { openEventStream } from '../http/event-stream.ts';
import { problemOf } from '../http/problem.ts';
import { defineRoute, type AnyRoute } from '../http/route.ts';
import { requestIdOf } from '../request/request-id.ts';
import { llmJsonLimits } from '../limits/limits.ts';

const modelsQuerySchema = z.strictObject({
  /** `1`: ask the providers again instead of showing lists that are a few minutes old. */
  refresh: z.enum(['0', '1']).default('0'),
});

/** Each keeps its images on disk and a connection to a provider for minutes. */
const callPlaces = { places: 32, maxPerOwner: 6, maxWaitingPerOwner: 24 };
const patienceMs = 120_000;

/** A call that is part of no run. */
const noNode = { workflowId: null, runId: null, nodeId: null, nodeExecutionId: null, attempt: 1 };

/** Models and direct calls of them. */
export function llmRoutes(deps: ServerDependencies): AnyRoute[] {
  const { pool, assets, workDirs, models, modelsOf, newId, logger } = deps;

  const turns = createFairPool({ ...callPlaces, busy: tooManyCalls });

  async function generate(
    { workspaceId: userId, actorId }: Scope,
    body: LlmExecuteBody,
    signal: AbortSignal,
    onDelta: (text: string) => void,
  ): Promise<LlmExecuteResult> {
    const leave = await turns.enter({ owner: actorId, signal, patience: () => AbortSignal.timeout(patienceMs) });
    const files = createAttemptAssets({ service: assets, workDirs, userId });
    try {
      const images: { file: string; mimeType: string }[] = [];
      for (const source of body.images ?? []) {
        const asset = await files.resolve(source, { kind: 'image', signal });
        images.push({ file: await files.localFile(asset), mimeType: asset.mimeType });
      }
      const own = modelsOf(userId);
      const { pay } = createPaidCalls({ pool, logger }, own, { ...noNode, userId });
      const request = { ...body, images, idempotencyKey: newId() };
      const { text, usage, model, provider } = await pay(
        request,
        (heard) => own.generate(request, { signal, onDelta, ...heard }),
        (answer) => answer.usage,
      );
      return { response: text, usage, model, provider };
    } finally {
      leave();
      await files.dispose();
    }
  }

  return [
    defineRoute({
      method: 'post',
      path: '/api/llm/execute',
      tag: 'Models',
      summary:
        'Ask a model directly, with your own key where you saved one; with "Accept: text/event-stream" the answer comes as it is written',
      auth: 'user',
      scope: 'run',
      place: { of: 'workspace', role: 'runner' },
      endsWithAccess: true,
      body: llmExecuteBodySchema,
      bodyLimits: llmJsonLimits,
      responses: {
        200: {
          description:
            'The answer. As an event stream: `delta` { text }, then `done` with this object, or `error` with a problem.',
          schema: llmExecuteResultSchema,
        },
      },
      handler: async ({ scope, body, request, response, signal }) => {
        const wantsStream = /\btext\/event-stream\b/i.test(request.get('Accept') ?? '');
        if (!wantsStream) {
          return { status: 200, body: await generate(scope, body, signal, () => {}) };
        }
        const events = openEventStream(response);
        try {
          const result = await generate(scope, body, signal, (text) => events.send('delta', { text }));
          events.send('done', result);
        } catch (failure) {
          // Ended with the right to it: that is what is told.
          const error: unknown = signal.reason instanceof AppError ? signal.reason : failure;
          const requestId = requestIdOf(request);
          const { problem } = problemOf(error, { path: request.path, requestId });
          if (!signal.aborted && problem.code === 'INTERNAL') {
            logger.error({ err: error, requestId }, 'a streamed model call failed');
          }
          events.send('error', JSON.parse(withoutKeys(JSON.stringify(problem))) as object);
        }
        events.end();
        return 'sent';
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/models',
      tag: 'Models',
      summary: 'The model providers, which are configured, and their models',
      auth: 'user',
      scope: 'read',
      place: { of: 'workspace', role: 'viewer' },
      query: modelsQuerySchema,
      responses: { 200: { description: 'Configured or not.', schema: modelProviderListSchema } },
      handler: async ({ scope, query }) => {
        const [providers, keys] = await Promise.all([
          models.listProviders({ refresh: query.refresh === '1' }),
          listProviderKeys(pool, scope.workspaceId),
        ]);
        return { status: 200, body: { items: withOwnKeys(providers, keys, models) } };
      },
    }),
  ];
}

function tooManyCalls(): RetryableError {
  return new RetryableError(
    'RATE_LIMITED',
    'Too many of your model calls are under way. Wait for some of them to end, then try again.',
    { retryAfterMs: 5_000 },
  );
}

/** The providers as a user sees them: with the models that go with keys of their own. */
function withOwnKeys(
  providers: readonly ModelProviderInfo[],
  keys: readonly SealedProviderKey[],
  models: Pick<ModelRegistry, 'knownOf'>,
): readonly ModelProviderInfo[] {
  return providers.map((provider) => {
    const key = keys.find((candidate) => candidate.provider === provider.id);
    if (key === undefined) return provider;
    const own = key.models.map((model) => ({
      id: `${provider.id}/${model}`,
      title: model,
      ...models.knownOf({ provider: provider.id, model }),
    }));
    const known = new Set(own.map(({ id }) => id));
    return { ...provider, ownKey: true, models: [...own, ...provider.models.filter(({ id }) => !known.has(id))] };
  });
}
