import type { Part } from '@google/generative-ai';
import { z } from 'zod';
import type { ReasoningEffort } from '../core/node-type/executor.ts';
import type { ModelTask } from '../core/node-type/model-tasks.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { Adaption } from './adaptions.ts';
import type { StoredFile } from './gemini-files.ts';
import type { InlineFile, ProviderModel, ProviderRequest } from './provider.ts';
import { FirstChoice } from './first-choice.ts';
import { schemaInWords } from './schema-in-words.ts';
import {
  anyField,
  countField,
  elementsOf,
  field,
  listField,
  objectField,
  shownWord,
  textField,
} from './wire-fields.ts';

/*
 * The part of Gemini's wire format (v1beta) that is written and read. Requests
 * are made of the SDK's types; its types of answers are older than the service,
 * so answers are read field by field: see wire-fields.ts.
 */

/** A request whose large files lie at the service. */
export interface GeminiRequest extends Omit<ProviderRequest, 'files'> {
  readonly files: readonly (InlineFile | StoredFile)[];
}

/** The body of a request, with the changes that the service asked for. */
export function geminiBody(request: GeminiRequest, adaptions: ReadonlySet<Adaption>): object {
  const isFolded = adaptions.has('system-in-user');
  const { answerSchema } = request;
  const hasSchema = answerSchema !== undefined && !adaptions.has('no-schema');
  const system = request.systemPrompt?.trim() ? request.systemPrompt : null;
  const asked =
    answerSchema !== undefined && !hasSchema
      ? `${request.userMessage}\n\n${schemaInWords(answerSchema)}`
      : request.userMessage;
  const text = system !== null && isFolded ? `${system}\n\n${asked}` : asked;
  const parts: Part[] = [
    { text },
    ...request.images.map(({ mimeType, base64 }) => ({ inlineData: { mimeType, data: base64 } })),
    ...request.files.map(filePart),
  ];
  return {
    ...(system === null || isFolded ? {} : { systemInstruction: { role: 'system', parts: [{ text: system }] } }),
    generationConfig: {
      temperature: request.temperature,
      maxOutputTokens: request.maxOutputTokens,
      ...(request.stop !== undefined && request.stop.length > 0 && { stopSequences: request.stop }),
      ...(request.seed !== undefined && { seed: request.seed }),
      ...(request.reasoningEffort !== undefined && {
        thinkingConfig: thinkingOf(request.model, request.reasoningEffort),
      }),
      ...(hasSchema && { responseMimeType: 'application/json', responseJsonSchema: answerSchema }),
    },
    contents: [{ role: 'user', parts }],
  };
}

function filePart(file: InlineFile | StoredFile): Part {
  if ('text' in file) return { text: file.text };
  const { mimeType } = file;
  if ('uri' in file) return { fileData: { mimeType, fileUri: file.uri } };
  return { inlineData: { mimeType, data: file.base64 } };
}

/** Tokens that a model of the 2.5 line may think for; later ones have levels in place of a budget. */
const thinkingBudgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

function thinkingOf(model: string, effort: ReasoningEffort): object {
  if (/^(?:models\/)?gemini-2\.5/.test(model)) return { thinkingBudget: thinkingBudgets[effort] };
  return { thinkingLevel: effort === 'none' ? 'minimal' : effort };
}

const dataSchema = z.object({ mimeType: textField });

const partSchema = z.object({
  text: textField,
  /** A summary of the model's thinking, which is no part of the answer. */
  thought: field(z.boolean()),
  inlineData: field(dataSchema),
  fileData: field(dataSchema),
  functionCall: objectField,
  executableCode: objectField,
  codeExecutionResult: objectField,
});
type WirePart = z.infer<typeof partSchema>;

const candidateSchema = z.object({
  content: field(z.object({ parts: listField })),
  finishReason: textField,
  index: field(z.number()),
});

const usageSchema = z.object({
  promptTokenCount: countField,
  candidatesTokenCount: countField,
  thoughtsTokenCount: countField,
  toolUsePromptTokenCount: countField,
});

const messageSchema = z.object({
  candidates: anyField,
  promptFeedback: field(z.object({ blockReason: textField })),
  usageMetadata: field(usageSchema),
  modelVersion: textField,
});

/** What one message of a stream says. */
export interface GeminiPiece {
  /** Whether it has any field of an answer. */
  readonly isAnswer: boolean;
  readonly text: string;
  readonly finishReason: string | null;
  readonly blockReason: string | null;
  /** What was sent in place of text: a function call, code, an image. */
  readonly otherKind: string | null;
  readonly usage: ModelUsage | null;
  readonly thinkingTokens: number | null;
  readonly model: string | null;
}

/** Reads one message. Never throws: what is not readable is not there. `answer`: which it is, of several candidates. */
export function readGeminiPiece(message: object, answer = new FirstChoice()): GeminiPiece {
  const { candidates, promptFeedback, usageMetadata, modelVersion } = messageSchema.parse(message);
  const candidate = answer.of(elementsOf(candidates, candidateSchema));
  const parts = elementsOf(candidate?.content?.parts, partSchema);
  return {
    isAnswer: Array.isArray(candidates) || Boolean(promptFeedback) || Boolean(usageMetadata),
    text: parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join(''),
    finishReason: reasonOf(candidate?.finishReason),
    blockReason: reasonOf(promptFeedback?.blockReason),
    otherKind: parts.map(otherKindOf).find((kind) => kind !== null) ?? null,
    usage: usageOf(usageMetadata),
    thinkingTokens: usageMetadata?.thoughtsTokenCount ?? null,
    model: modelVersion === '' ? null : (modelVersion ?? null),
  };
}

function reasonOf(reason: string | null | undefined): string | null {
  return reason === null || reason === undefined || /^(?:\w+_UNSPECIFIED)?$/.test(reason) ? null : reason;
}

function otherKindOf(part: WirePart): string | null {
  if (part.functionCall !== null && part.functionCall !== undefined) return 'a function call';
  const code = part.executableCode ?? part.codeExecutionResult;
  if (code !== null && code !== undefined) return 'code to be run';
  const data = part.inlineData ?? part.fileData;
  return data === null || data === undefined ? null : `data of the type ${shownWord(data.mimeType ?? '') ?? 'unknown'}`;
}

/** Tokens of a whole request; thinking is paid as output and counts so. Null where the service does not say. */
function usageOf(metadata: z.infer<typeof usageSchema> | null | undefined): ModelUsage | null {
  if (typeof metadata?.promptTokenCount !== 'number') return null;
  return {
    inputTokens: metadata.promptTokenCount + (metadata.toolUsePromptTokenCount ?? 0),
    outputTokens: (metadata.candidatesTokenCount ?? 0) + (metadata.thoughtsTokenCount ?? 0),
  };
}

const modelSchema = z.object({ name: textField, displayName: textField, supportedGenerationMethods: listField });

/** What models are for that do not generate content: Veo and Imagen. */
const makers: Readonly<Record<string, readonly ModelTask[]>> = { predictLongRunning: ['video'], predict: ['image'] };

/** One page of the list of models, null where it is none. Entries without a name are left out. */
export function readGeminiModels(
  body: unknown,
): { readonly models: readonly ProviderModel[]; readonly nextPageToken: string | null } | null {
  const page = z.object({ models: anyField, nextPageToken: textField }).safeParse(body);
  if (!page.success) return null;
  const { models = [], nextPageToken } = page.data;
  if (models !== null && !Array.isArray(models)) return null;
  const usable = elementsOf(models, modelSchema).flatMap(
    ({ name, displayName, supportedGenerationMethods: methods }) => {
      const id = (name ?? '').replace(/^models\//, '');
      if (id === '' || id.length > 200 || /[\p{Cc}\p{Surrogate}]/u.test(id)) return [];
      const model = { id, title: shownWord(displayName ?? '') ?? id };
      if (!methods || methods.includes('generateContent')) return [model];
      const makes = Object.entries(makers).find(([method]) => methods.includes(method))?.[1];
      return makes === undefined ? [] : [{ ...model, makes }];
    },
  );
  return { models: usable, nextPageToken: nextPageToken ?? null };
}
