import { openAsBlob } from 'node:fs';
import path from 'node:path';
import { FormData } from 'undici';
import { z } from 'zod';
import { TerminalError, type RetryableError } from '../core/errors/app-error.ts';
import { formatOf } from '../core/data-types/files.ts';
import type {
  Aspect,
  ImageRequest,
  ModelFile,
  SpeechRequest,
  TranscriptRequest,
} from '../core/node-type/media-models.ts';
import type { ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import { emptyError, networkError } from './errors.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { hearLimits } from './limit-headers.ts';
import { readJsonAnswer, writeBody, writeMade, type MadeData } from './media-results.ts';
import { Refused, refusalOf, sendToBase, subjectOf, title, type Connection } from './openai-connection.ts';
import type { ModelProvider } from './provider.ts';
import { anyField, countField, elementsOf, field, textField } from './wire-fields.ts';

/*
 * OpenAI's endpoints for images, speech and transcription, as LocalAI, vLLM, speaches and others have them as well. What
 * such a server refuses of the form of a request is left out, once: nothing was made by then.
 */

/** The answers that are more than text. */
export function openAiMedia(
  connection: Connection,
): Required<Pick<ModelProvider, 'generateImages' | 'speak' | 'transcribe'>> {
  const { limits } = connection;
  const guarded = <Result>(
    { signal, ...options }: ModelCallOptions,
    work: (heard: Connection, call: GuardedCall) => Promise<Result>,
  ) =>
    // Nothing comes before all of it is made.
    guardCall({ title, signal, totalMs: limits.totalMs }, (call) =>
      work(hearLimits(connection, connection.bases, options), call),
    );
  return {
    generateImages: (request, options) => guarded(options, (heard, call) => generateImages(heard, request, call)),
    speak: (request, options) => guarded(options, (heard, call) => speak(heard, request, call)),
    transcribe: (request, options) => guarded(options, (heard, call) => transcribe(heard, request, call)),
  };
}

interface Posted {
  readonly path: string;
  /** Made anew for each try: a form can be sent once. */
  readonly body: (left: ReadonlySet<string>) => Promise<object | FormData>;
  /** Fields that may be left out where the server does not know them, each with what it is called in its words. */
  readonly optional: readonly string[];
  readonly model: string;
  /** What its refusal must not repeat. */
  readonly text: string;
  readonly idempotencyKey: string;
  readonly accept: string;
}

/** Posts until the server takes the request as it is. Throws PROVIDER_* errors. */
export async function postUntilTaken(connection: Connection, posted: Posted, call: GuardedCall): Promise<Response> {
  const subject = subjectOf(connection, posted.model);
  const left = new Set<string>();
  for (;;) {
    const { idempotencyKey, accept } = posted;
    try {
      return await sendToBase(connection, posted.path, {
        subject,
        signal: call.signal,
        request: { body: await posted.body(left), idempotencyKey, accept },
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const refused = posted.optional.find((name) => !left.has(name) && isAbout(error, name));
      if (refused === undefined) throw errorOf(connection, posted, error);
      left.add(refused);
    }
  }
}

function isAbout({ status, failure }: Refused, name: string): boolean {
  return status >= 400 && status < 500 && status !== 429 && [failure.words, ...failure.codes].join(' ').includes(name);
}

/** The error for a refusal, without what must not be repeated. */
export function errorOf(
  connection: Connection,
  { model, text }: Pick<Posted, 'model' | 'text'>,
  refused: Refused,
): TerminalError | RetryableError {
  const subject = subjectOf(connection, model);
  return refusalOf({ connection, refused, request: { model, userMessage: text }, subject });
}

const imagesSchema = z.object({
  data: anyField,
  usage: field(z.object({ input_tokens: countField, output_tokens: countField })),
  output_format: textField,
});
const imageSchema = z.object({ b64_json: textField, url: textField });

async function generateImages(connection: Connection, request: ImageRequest, call: GuardedCall) {
  const { model, images, mask, prompt } = request;
  const subject = subjectOf(connection, model);
  const isEdit = images.length > 0;
  if (mask !== undefined && !isEdit) {
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      'A mask says which part of an image is to change, but there is no image. Connect one.',
      { details: { model } },
    );
  }
  const size = sizeOf(request);
  const fields = (left: ReadonlySet<string>): [string, string | number][] =>
    (
      [
        ['model', model],
        ['prompt', prompt],
        ['n', request.count],
        ['size', size],
        ['seed', request.seed],
        // OpenAI's own newer models give base64 always, and refuse to be asked for it.
        ['response_format', /^(?:chat)?gpt-/.test(model) ? undefined : 'b64_json'],
      ] as const
    ).flatMap(([name, value]) =>
      value === undefined || left.has(name) ? [] : [[name, value] as [string, string | number]],
    );
  const response = await postUntilTaken(
    connection,
    {
      path: isEdit ? '/images/edits' : '/images/generations',
      body: async (left) => {
        if (!isEdit) return Object.fromEntries(fields(left));
        const form = new FormData();
        for (const [name, value] of fields(left)) form.append(name, String(value));
        for (const image of images) await append(form, images.length > 1 ? 'image[]' : 'image', image);
        if (mask !== undefined) await append(form, 'mask', mask);
        return form;
      },
      optional: ['response_format'],
      model,
      text: prompt,
      idempotencyKey: request.idempotencyKey,
      accept: 'application/json',
    },
    call,
  );
  const { data, usage } = imagesSchema.parse(await readJsonAnswer(response, subject));
  const made: MadeData[] = [];
  for (const { b64_json: base64, url } of elementsOf(data, imageSchema)) {
    if (base64) made.push({ mimeType: 'image/png', base64 });
    else if (url) made.push(await fetchMade(connection, url, model, call));
  }
  const spent = usageOf(usage?.input_tokens, usage?.output_tokens);
  if (made.length === 0) throw emptyError(subject, { reason: 'no image', usage: spent });
  return { files: await writeMade(made.slice(0, request.count), request.folder, 'image'), usage: spent, model };
}

/** Some servers give addresses in place of images: of their own, or inside a text. Nothing of a key goes there. */
async function fetchMade(connection: Connection, url: string, model: string, call: GuardedCall): Promise<MadeData> {
  const subject = subjectOf(connection, model);
  const inline = /^data:([\w/+.-]+);base64,(.+)$/.exec(url);
  if (inline !== null) return { mimeType: inline[1] ?? '', base64: inline[2] ?? '' };
  const response = await connection.fetch(url, { redirect: 'manual', signal: call.signal }).catch(() => null);
  if (response === null || !response.ok) throw networkError(subject, { kind: 'unreachable', reason: null });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { mimeType: response.headers.get('content-type') ?? 'image/png', base64: bytes.toString('base64') };
}

/** In pixels: as it is written, or near a megapixel in the shape that is asked for. */
function sizeOf({ size, aspect = 'auto', model }: ImageRequest): string | undefined {
  if (size !== undefined && /^\d+x\d+$/.test(size)) return size;
  if (aspect === 'auto') return undefined;
  const { width, height } = partsOf(aspect);
  // OpenAI's own have three sizes; other servers take any in steps of 64.
  if (/^(?:(?:chat)?gpt-|dall-e)/.test(model)) {
    return width === height ? '1024x1024' : width > height ? '1536x1024' : '1024x1536';
  }
  const scale = { '1K': 1024, '2K': 2048, '4K': 4096 }[size ?? '1K'] ?? 1024;
  const side = (share: number) => Math.max(64, Math.round((scale * Math.sqrt(share)) / 64) * 64);
  return `${side(width / height)}x${side(height / width)}`;
}

function partsOf(aspect: Exclude<Aspect, 'auto'>): { readonly width: number; readonly height: number } {
  const [width = 1, height = 1] = aspect.split(':').map(Number);
  return { width, height };
}

/** Adds a file to a form; it is streamed from the disk when the form is sent. */
export async function append(form: FormData, name: string, { file, mimeType }: ModelFile): Promise<void> {
  form.append(name, await openAsBlob(file, { type: mimeType }), `file.${formatOf(mimeType)?.extension ?? 'bin'}`);
}

async function speak(connection: Connection, request: SpeechRequest, call: GuardedCall) {
  const { model, text, voice, instructions, speed, format } = request;
  const subject = subjectOf(connection, model);
  const response = await postUntilTaken(
    connection,
    {
      path: '/audio/speech',
      body: async (left) => ({
        model,
        input: text,
        voice: voice ?? 'alloy',
        ...(instructions !== undefined && { instructions }),
        ...(speed !== undefined && { speed }),
        ...(left.has('response_format') ? {} : { response_format: format }),
      }),
      optional: ['response_format'],
      model,
      text,
      idempotencyKey: request.idempotencyKey,
      accept: 'audio/*',
    },
    call,
  );
  call.firstByteArrived();
  const mimeType = (response.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  // A server that says sorry with 200.
  if (/^(?:application\/(?:problem\+)?json|text\/)/.test(mimeType)) throw networkError(subject, { kind: 'unreadable' });
  const file = path.join(request.folder, 'speech');
  await writeBody(response, file, subject);
  return { sound: { file, mimeType }, usage: null, model };
}

const transcriptSchema = z.object({
  text: textField,
  segments: anyField,
  usage: field(z.object({ input_tokens: countField, output_tokens: countField })),
});
const segmentSchema = z.object({ start: z.number(), end: z.number(), text: z.string() });

async function transcribe(connection: Connection, request: TranscriptRequest, call: GuardedCall) {
  const { model, audio, language, hint } = request;
  const subject = subjectOf(connection, model);
  const response = await postUntilTaken(
    connection,
    {
      path: '/audio/transcriptions',
      body: async (left) => {
        const form = new FormData();
        await append(form, 'file', audio);
        form.append('model', model);
        if (language !== undefined) form.append('language', language);
        if (hint !== undefined) form.append('prompt', hint);
        const hasTimes = !left.has('timestamp_granularities') && !left.has('response_format');
        form.append('response_format', hasTimes ? 'verbose_json' : 'json');
        if (hasTimes) form.append('timestamp_granularities[]', 'segment');
        return form;
      },
      // Models without times refuse one or the other.
      optional: ['response_format', 'timestamp_granularities'],
      model,
      text: hint ?? '',
      idempotencyKey: request.idempotencyKey,
      accept: 'application/json',
    },
    call,
  );
  const { text, segments, usage } = transcriptSchema.parse(await readJsonAnswer(response, subject));
  const spent = usageOf(usage?.input_tokens, usage?.output_tokens);
  if (text === null || text === undefined) throw networkError(subject, { kind: 'unreadable', usage: spent });
  const parts = elementsOf(segments, segmentSchema).map((part) => ({ ...part, text: part.text.trim() }));
  return { text: text.trim(), segments: parts.length > 0 ? parts : null, usage: spent, model };
}

function usageOf(input: number | null | undefined, output: number | null | undefined): ModelUsage | null {
  return typeof input === 'number' && typeof output === 'number' ? { inputTokens: input, outputTokens: output } : null;
}
