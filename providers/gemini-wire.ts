import { z } from 'zod';
import type { ModelUsage } from '../core/node-type/executor.ts';
import { parseDuration } from './retry-delay.ts';

/*
 * The part of Gemini's wire format (v1beta) that is read. The SDK's types are
 * older than the service, so every message is parsed here.
 */

const partSchema = z.object({
  text: z.string().optional(),
  /** A summary of the model's thinking, which is no part of the answer. */
  thought: z.boolean().optional(),
  inlineData: z.object({ mimeType: z.string(), data: z.string().optional() }).optional(),
});

const usageSchema = z.object({
  promptTokenCount: z.number().optional(),
  candidatesTokenCount: z.number().optional(),
  thoughtsTokenCount: z.number().optional(),
});
export type GeminiUsage = z.infer<typeof usageSchema>;

const statusSchema = z.object({
  code: z.number().int().optional(),
  message: z.string().optional(),
  details: z.array(z.unknown()).optional(),
});

/** One message of a stream. `error` comes in place of candidates when the service fails half-way. */
export const geminiChunkSchema = z.object({
  candidates: z
    .array(
      z.object({
        content: z.object({ parts: z.array(partSchema).optional() }).optional(),
        finishReason: z.string().optional(),
      }),
    )
    .optional(),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: usageSchema.optional(),
  modelVersion: z.string().optional(),
  error: statusSchema.optional(),
});
export type GeminiChunk = z.infer<typeof geminiChunkSchema>;

/** An error answer's body. */
export const geminiErrorSchema = z.object({ error: statusSchema });

/** One page of the list of models. */
export const geminiModelsSchema = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        displayName: z.string().optional(),
        supportedGenerationMethods: z.array(z.string()).optional(),
      }),
    )
    .default([]),
  nextPageToken: z.string().optional(),
});

const errorDetailSchema = z.object({
  '@type': z.string(),
  /** google.rpc.ErrorInfo */
  reason: z.string().optional(),
  /** google.rpc.RetryInfo */
  retryDelay: z.string().optional(),
});

/** What the details of a google.rpc.Status say: when to come back, and whether the key is to blame. */
export function readErrorDetails(details: readonly unknown[]): { retryAfterMs?: number; isBadKey: boolean } {
  const known = details.flatMap((detail) => {
    const parsed = errorDetailSchema.safeParse(detail);
    return parsed.success ? [parsed.data] : [];
  });
  const delay = known.find((detail) => detail['@type'].endsWith('/google.rpc.RetryInfo'))?.retryDelay;
  return {
    retryAfterMs: delay === undefined ? undefined : parseDuration(delay),
    isBadKey: known.some((detail) => detail.reason?.startsWith('API_KEY_') ?? false),
  };
}

/** Tokens of a whole request; thinking is paid as output and counts so. Null where the service does not say. */
export function usageOf(metadata: GeminiUsage | undefined): ModelUsage | null {
  if (metadata?.promptTokenCount === undefined) return null;
  return {
    inputTokens: metadata.promptTokenCount,
    outputTokens: (metadata.candidatesTokenCount ?? 0) + (metadata.thoughtsTokenCount ?? 0),
  };
}
