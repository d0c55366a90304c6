import { z } from 'zod';
import type { ModelUsage } from '../core/node-type/executor.ts';
import type { Refusal } from './errors.ts';
import type { ProviderRequest } from './provider.ts';

/*
 * The part of the chat completions format that the usual servers (OpenAI,
 * Ollama, vLLM, llama.cpp, LM Studio) share.
 */

const usageSchema = z.object({ prompt_tokens: z.number(), completion_tokens: z.number().nullish() });

const errorFieldsSchema = z.object({
  message: z.string().nullish(),
  type: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  param: z.string().nullish(),
});

/** One event of a stream. `error` comes in place of choices when the server fails half-way. */
export const openAiChunkSchema = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z.array(z.unknown()).nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema.nullish(),
  error: z.union([z.string(), errorFieldsSchema]).nullish(),
});
export type OpenAiChunk = z.infer<typeof openAiChunkSchema>;

/** An error answer's body; servers differ in how deep they put the message. */
const errorBodySchema = z.object({
  error: z.union([z.string(), errorFieldsSchema]).nullish(),
  message: z.string().nullish(),
});

export const openAiModelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).nullable() });

/** Names of the field that limits the answer: the usual one, and the one that OpenAI's own newer models insist on. */
export type TokenLimitField = 'max_tokens' | 'max_completion_tokens';

/** The body of a request. */
export function chatBody(request: ProviderRequest, tokenLimitField: TokenLimitField): object {
  const pictures = request.images.map(({ mimeType, base64 }) => ({
    type: 'image_url',
    image_url: { url: `data:${mimeType};base64,${base64}` },
  }));
  return {
    model: request.model,
    messages: [
      ...(request.systemPrompt?.trim() ? [{ role: 'system', content: request.systemPrompt }] : []),
      {
        role: 'user',
        // Plain text where there are no pictures: servers of text-only models take nothing else.
        content:
          pictures.length === 0 ? request.userMessage : [{ type: 'text', text: request.userMessage }, ...pictures],
      },
    ],
    temperature: request.temperature,
    [tokenLimitField]: request.maxOutputTokens,
    stream: true,
    stream_options: { include_usage: true },
  };
}

/** Tokens of a whole request, or null where the server does not say. */
export function usageOf(usage: OpenAiChunk['usage']): ModelUsage | null {
  return usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens ?? 0 } : null;
}

export interface OpenAiFailure {
  /** The server's own words, not yet redacted. */
  readonly words: string;
  /** What the status alone does not say. */
  readonly kind?: Refusal['kind'];
  /** The server wants `max_completion_tokens` in place of `max_tokens`. */
  readonly wantsOtherTokenField: boolean;
}

const kindOfCode: Readonly<Record<string, Refusal['kind']>> = {
  invalid_api_key: 'bad-key',
  insufficient_quota: 'no-quota',
  model_not_found: 'no-such-model',
  content_filter: 'blocked',
  content_policy_violation: 'blocked',
};

/** Reads the body of a refusal, or the `error` of an event; anything unknown gives no words. */
export function readFailure(body: unknown): OpenAiFailure {
  const parsed = errorBodySchema.safeParse(body);
  const error = parsed.data?.error;
  const fields = typeof error === 'object' && error !== null ? error : {};
  const code = String(fields.code ?? fields.type ?? '');
  return {
    words: (typeof error === 'string' ? error : fields.message) ?? parsed.data?.message ?? '',
    kind: Object.hasOwn(kindOfCode, code) ? kindOfCode[code] : undefined,
    wantsOtherTokenField: fields.param === 'max_tokens' && (fields.message ?? '').includes('max_completion_tokens'),
  };
}
