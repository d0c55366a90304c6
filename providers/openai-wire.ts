import { z } from 'zod';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { Adaption } from './adaptions.ts';
import type { JsonRules } from '../core/interface/json-rules.ts';
import type { InlineFile, LargeFile, ProviderRequest } from './provider.ts';
import { FirstChoice } from './first-choice.ts';
import { schemaInWords } from './schema-in-words.ts';
import { anyField, countField, elementsOf, field, listField, objectField, textField } from './wire-fields.ts';

/*
 * The part of the chat completions format that the usual servers (OpenAI,
 * Ollama, vLLM, llama.cpp, LM Studio) share. Fields are read one by one: see
 * wire-fields.ts.
 */

const usageSchema = z.object({
  prompt_tokens: countField,
  completion_tokens: countField,
  total_tokens: countField,
  completion_tokens_details: field(z.object({ reasoning_tokens: countField })),
});
type WireUsage = z.infer<typeof usageSchema>;

const messageSchema = z.object({
  content: anyField,
  refusal: textField,
  tool_calls: listField,
  function_call: objectField,
  images: listField,
  audio: objectField,
});

const choiceSchema = z.object({
  delta: field(messageSchema),
  index: field(z.number()),
  /** In place of a delta: a whole answer. */
  message: field(messageSchema),
  /** The older format for texts without a conversation. */
  text: textField,
  finish_reason: textField,
  usage: field(usageSchema),
});

const messageOfStreamSchema = z.object({
  model: textField,
  choices: anyField,
  usage: field(usageSchema),
  /** Groq puts the usage of a stream here. */
  x_groq: field(z.object({ usage: field(usageSchema) })),
});

/** What one event, or a whole answer, says. */
export interface ChatPiece {
  /** Whether it has any field of an answer. */
  readonly isAnswer: boolean;
  readonly text: string;
  /** The whole text so far, where the event has that in place of a piece. */
  readonly wholeText: string | null;
  readonly finishReason: string | null;
  readonly refusal: string;
  /** What was sent in place of text: a tool call, an image, sound. */
  readonly otherKind: string | null;
  readonly usage: ModelUsage | null;
  readonly model: string | null;
}

/** Reads one event of an answer. Never throws: what is not readable is not there. `answer`: which it is, of several. */
export function readChatPiece(event: object, answer = new FirstChoice()): ChatPiece {
  const { model, choices, usage, x_groq: groq } = messageOfStreamSchema.parse(event);
  const choice = answer.of(elementsOf(choices, choiceSchema));
  const message = choice?.delta ?? choice?.message;
  const content = textOfContent(message?.content);
  const finishReason = choice?.finish_reason ?? null;
  return {
    isAnswer: Array.isArray(choices) || Boolean(usage),
    text: choice?.delta || !choice?.message ? content || (message ? '' : (choice?.text ?? '')) : '',
    wholeText: choice?.delta || !choice?.message ? null : content,
    finishReason: finishReason === null || /^(?:null|none)?$/i.test(finishReason.trim()) ? null : finishReason,
    refusal: message?.refusal ?? '',
    otherKind: otherKindOf(message),
    usage: usageOf(usage) ?? usageOf(groq?.usage) ?? usageOf(choice?.usage),
    model: model === '' ? null : (model ?? null),
  };
}

const partSchema = z.object({ type: textField, text: textField });

/** Text, or a list of parts of which those of text count; thinking is a part of another type. */
function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? (content as readonly unknown[]) : [content];
  return parts.map((part) => (typeof part === 'string' ? part : textOfPart(partSchema.safeParse(part).data))).join('');
}

function textOfPart(part: z.infer<typeof partSchema> | undefined): string {
  return part !== undefined && /^(?:text|output_text)?$/.test(part.type ?? '') ? (part.text ?? '') : '';
}

function otherKindOf(message: z.infer<typeof messageSchema> | null | undefined): string | null {
  if (!message) return null;
  if ((message.tool_calls ?? []).length > 0 || Object.keys(message.function_call ?? {}).length > 0)
    return 'a tool call';
  if ((message.images ?? []).length > 0) return 'an image';
  return Object.keys(message.audio ?? {}).length > 0 ? 'sound' : null;
}

/** Tokens of a whole request, or null where the server does not say both. */
function usageOf(usage: WireUsage | null | undefined): ModelUsage | null {
  if (!usage) return null;
  const { prompt_tokens: input, completion_tokens: output, total_tokens: total } = usage;
  const inputTokens = input ?? differenceOf(total, output);
  const outputTokens = output ?? differenceOf(total, input);
  if (inputTokens === null || outputTokens === null) return null;
  const thinking = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  // xAI counts thinking beside the answer, everybody else within it; the total tells which.
  const isBeside = thinking > 0 && total === inputTokens + outputTokens + thinking;
  return { inputTokens, outputTokens: isBeside ? outputTokens + thinking : outputTokens };
}

function differenceOf(total: number | null | undefined, part: number | null | undefined): number | null {
  if (total === null || total === undefined || part === null || part === undefined) return null;
  return total >= part ? total - part : null;
}

const modelSchema = z.union([z.string(), z.object({ id: textField, name: textField, model: textField })]);

/** The ids of a list of models; null where the body is no such list. Entries without an id are left out. */
export function readModelIds(body: unknown): string[] | null {
  const fields = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  const list = Array.isArray(body) ? (body as readonly unknown[]) : (fields['data'] ?? fields['models']);
  if (!Array.isArray(list)) return ('data' in fields || 'models' in fields) && !list ? [] : null;
  const hasIds = list.some((entry) => typeof entry === 'object' && entry !== null && 'id' in entry);
  const ids = elementsOf(list, modelSchema).map((entry) => {
    if (typeof entry === 'string') return entry;
    // A server that gives ids gives them to every model it can serve.
    return entry.id ?? (hasIds ? null : (entry.model ?? entry.name));
  });
  return [...new Set(ids.filter((id) => id !== null && id !== undefined).filter(isUsableId))];
}

/** An id that can be written in a node, stored and sent back. */
function isUsableId(id: string): boolean {
  return id.trim() !== '' && id.length <= 200 && !/[\p{Cc}\p{Surrogate}]/u.test(id);
}

/** The body of a request, with the changes that the server asked for. */
export function chatBody(request: ProviderRequest, adaptions: ReadonlySet<Adaption>): object {
  const pictures = request.images.map(({ mimeType, base64 }) => ({
    type: 'image_url',
    image_url: { url: `data:${mimeType};base64,${base64}` },
  }));
  const system = request.systemPrompt?.trim() ? request.systemPrompt : null;
  const isFolded = adaptions.has('system-in-user');
  const userText = system !== null && isFolded ? `${system}\n\n${request.userMessage}` : request.userMessage;
  const isStream = !adaptions.has('no-stream');
  const { answerSchema, stop = [], reasoningEffort } = request;
  const asked =
    answerSchema !== undefined && adaptions.has('no-schema')
      ? `${userText}\n\n${schemaInWords(answerSchema)}`
      : userText;
  const parts = [...pictures, ...(request.files ?? []).map(filePart)];
  return {
    model: request.model,
    messages: [
      ...(system === null || isFolded ? [] : [{ role: 'system', content: system }]),
      {
        role: 'user',
        // Plain text where there are no images: servers of text-only models take nothing else.
        content: parts.length === 0 ? asked : [{ type: 'text', text: asked }, ...parts],
      },
    ],
    ...(adaptions.has('no-temperature') ? {} : { temperature: request.temperature }),
    [adaptions.has('other-token-field') ? 'max_completion_tokens' : 'max_tokens']: request.maxOutputTokens,
    ...(stop.length > 0 && { stop }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
    ...(answerSchema !== undefined && !adaptions.has('no-schema') && { response_format: responseFormat(answerSchema) }),
    stream: isStream,
    ...(isStream && !adaptions.has('no-stream-options') ? { stream_options: { include_usage: true } } : {}),
  };
}

/** Strict only where the schema says all that OpenAI asks of a strict one: no other members, and none left out. */
function responseFormat(schema: JsonRules): object {
  return { type: 'json_schema', json_schema: { name: 'answer', schema, strict: isStrict(schema) } };
}

function isStrict({ properties, items, required = [], additionalProperties }: JsonRules): boolean {
  if (items !== undefined && !isStrict(items)) return false;
  if (properties === undefined) return true;
  const isClosed = additionalProperties === false && Object.keys(properties).every((name) => required.includes(name));
  return isClosed && Object.values(properties).every(isStrict);
}

/** Texts are read along; sound, videos and documents have a kind of part each, as the servers that take them document. */
function filePart(file: InlineFile | LargeFile): object {
  if ('path' in file) throw new Error('There is no room for files beside a request.');
  if ('text' in file) return { type: 'text', text: file.text };
  const { mimeType, base64 } = file;
  const url = `data:${mimeType};base64,${base64}`;
  if (mimeType.startsWith('audio/')) {
    const format = mimeType === 'audio/mpeg' ? 'mp3' : mimeType.slice('audio/'.length);
    return { type: 'input_audio', input_audio: { data: base64, format } };
  }
  if (mimeType.startsWith('video/')) return { type: 'video_url', video_url: { url } };
  return { type: 'file', file: { filename: 'document.pdf', file_data: url } };
}
