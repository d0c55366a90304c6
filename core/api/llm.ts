import { z } from 'zod';
import { modelInputs } from '../node-type/model-abilities.ts';
import { modelTasks } from '../node-type/model-tasks.ts';
import { modelUsageSchema } from './runs.ts';

/** One question to a model, outside of any workflow. */
export const llmExecuteBodySchema = z
  .strictObject({
    model: z.string().min(1).max(255),
    systemPrompt: z.string().max(262_144).optional(),
    userMessage: z.string().min(1).max(262_144),
    /** Asset ids, http(s) URLs, data URLs or bare base64 of an image. */
    images: z.array(z.string()).max(16).optional(),
    temperature: z.number().min(0).max(2).optional(),
    maxOutputTokens: z.number().int().min(1).max(1_000_000).optional(),
  })
  .meta({ id: 'LlmExecute' });
export type LlmExecuteBody = z.infer<typeof llmExecuteBodySchema>;

/** The whole answer; `usage` is null where the provider does not say. */
export const llmExecuteResultSchema = z
  .object({
    response: z.string(),
    usage: modelUsageSchema.nullable(),
    model: z.string(),
    provider: z.string(),
  })
  .meta({ id: 'LlmResult' });
export type LlmExecuteResult = z.infer<typeof llmExecuteResultSchema>;

/** A provider and the models it offers; `models` may be empty where it is not configured or does not answer. */
export const modelProviderSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    configured: z.boolean(),
    /** You have a key of your own for it, which your nodes use. */
    ownKey: z.boolean(),
    /** The environment variable that configures it. */
    variable: z.string(),
    models: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        /** What it is for; missing where nobody knows. */
        makes: z.array(z.enum(modelTasks)).optional(),
        /** What it is known not to take beside text; missing where nobody knows. */
        lacks: z.array(z.enum(modelInputs)).optional(),
        /** In US dollars, for a million tokens in and out, a second of video, an image; missing where it is not known. */
        price: z
          .object({
            input: z.number(),
            output: z.number(),
            second: z.number().optional(),
            image: z.number().optional(),
          })
          .optional(),
      }),
    ),
    /** Why the provider's own list could not be read. */
    error: z.string().optional(),
  })
  .meta({ id: 'ModelProvider' });
export type ModelProviderInfo = z.infer<typeof modelProviderSchema>;

/** Not paged: it holds every provider. */
export const modelProviderListSchema = z.object({ items: z.array(modelProviderSchema) }).meta({ id: 'ModelProviders' });
