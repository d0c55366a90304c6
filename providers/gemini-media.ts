import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { ImageRequest, ModelFile, SpeechRequest, TranscriptRequest } from '../core/node-type/media-models.ts';
import { blockedError, emptyError, refusalError, wordsOf, type ErrorSubject } from './errors.ts';
import { endingOf } from './finish-reasons.ts';
import { storedFile } from './gemini-files.ts';
import { modelPattern, pathOf, post, readRefusal, refusalOf, title, type Service } from './gemini-connection.ts';
import { readGeminiPiece } from './gemini-wire.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { hearLimits } from './limit-headers.ts';
import { readJsonAnswer, writeMade, type MadeData } from './media-results.ts';
import type { ModelProvider } from './provider.ts';
import { anyField, elementsOf, field, listField, shownWord, textField } from './wire-fields.ts';

/* Gemini's images, speech and hearing, and Imagen's images: whole documents over REST, which the SDK has no words for. */

/** Base64 of all files of a request has to fit into 20 MB. */
const maxInlineBytes = 14 * 1024 * 1024;
/** Images that are asked for at once: each is a call of its own. */
const callsAtOnce = 3;

/** The answers that are more than text. */
export function geminiMedia(
  service: Service,
  subjectOf: (model: string) => ErrorSubject,
): Required<Pick<ModelProvider, 'generateImages' | 'speak' | 'transcribe'>> {
  const guarded = <Result>(
    request: { readonly model: string },
    { signal, ...options }: ModelCallOptions,
    work: (asked: Asked) => Promise<Result>,
  ) =>
    guardCall({ title, signal, totalMs: service.limits.totalMs }, (call) => {
      const subject = subjectOf(request.model);
      if (!modelPattern.test(request.model))
        throw refusalError(subject, { status: 404, explanation: null, kind: 'no-such-model' });
      return work({ service: hearLimits(service, [service.baseUrl], options), subject, call });
    });
  return {
    generateImages: (request, options) => guarded(request, options, (asked) => generateImages(asked, request)),
    speak: (request, options) => guarded(request, options, (asked) => speak(asked, request)),
    transcribe: (request, options) => guarded(request, options, (asked) => transcribe(asked, request)),
  };
}

interface Asked {
  readonly service: Service;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
}

interface Question {
  readonly model: string;
  readonly text: string;
  readonly idempotencyKey: string;
}

async function ask(
  { service, subject, call }: Asked,
  { model, text, idempotencyKey }: Question,
  { method, body }: { readonly method: string; readonly body: object },
): Promise<unknown> {
  const response = await post(service, pathOf(model, method), { body, idempotencyKey, subject, signal: call.signal });
  if (response.ok) return readJsonAnswer(response, subject);
  const { status } = response;
  throw refusalOf(
    { service, request: { model, userMessage: text }, subject },
    { status, response, failure: await readRefusal(response), usage: null },
  );
}

const partSchema = z.object({
  inlineData: field(z.object({ mimeType: textField, data: textField })),
  thought: anyField,
});
const contentSchema = z.object({
  candidates: anyField,
});
const candidateSchema = z.object({ content: field(z.object({ parts: listField })) });

interface Made {
  readonly text: string;
  readonly data: readonly MadeData[];
  readonly usage: ModelUsage | null;
  readonly model: string | null;
}

/** Asks for content, and takes what was made out of it. Throws PROVIDER_BLOCKED where it was withheld. */
async function askForContent(asked: Asked, question: Question, body: object): Promise<Made> {
  const document = await ask(asked, question, { method: 'generateContent', body });
  const fields = typeof document === 'object' && document !== null ? document : {};
  const { text, usage, model, blockReason, finishReason } = readGeminiPiece(fields);
  const reason = blockReason ?? finishReason;
  const parts = elementsOf(contentSchema.parse(fields).candidates, candidateSchema).flatMap((candidate) =>
    elementsOf(candidate.content?.parts, partSchema),
  );
  const data = parts.flatMap(({ inlineData, thought }) =>
    inlineData?.data && thought !== true ? [{ mimeType: inlineData.mimeType ?? '', base64: inlineData.data }] : [],
  );
  if (blockReason !== null || (data.length === 0 && reason !== null && endingOf(reason) === 'blocked')) {
    throw blockedError(asked.subject, {
      reason: shownWord(reason ?? '') ?? 'no reason given',
      says: text.trim() === '' ? '' : wordsOf('The model', (shownWord(text) ?? '').slice(0, 300)),
      usage,
    });
  }
  return { text, data, usage, model };
}

/** Files as parts of a request; what has no room in it lies at the service first. */
async function fileParts(asked: Asked, files: readonly ModelFile[]): Promise<object[]> {
  let bytes = 0;
  const parts: object[] = [];
  for (const { file, mimeType } of files) {
    const { size } = await stat(file);
    if (bytes + size > maxInlineBytes) {
      const { uri } = await storedFile(asked, { file, mimeType });
      parts.push({ fileData: { mimeType, fileUri: uri } });
      continue;
    }
    bytes += size;
    parts.push({ inlineData: { mimeType, data: await readFile(file, 'base64') } });
  }
  return parts;
}

async function generateImages(asked: Asked, request: ImageRequest) {
  const { model, prompt, images, mask, aspect = 'auto', size, count, seed, folder } = request;
  const { subject } = asked;
  if (mask !== undefined) {
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      'Gemini takes no mask. Say in the prompt what is to change, or choose a model of another provider.',
      { details: { model } },
    );
  }
  if (/^(?:models\/)?imagen/.test(model)) return askImagen(asked, request);
  const parts = [{ text: prompt }, ...(await fileParts(asked, images))];
  const imageConfig = {
    ...(aspect !== 'auto' && { aspectRatio: aspect }),
    ...(size !== undefined && /^[124]K$/.test(size) && { imageSize: size }),
  };
  const bodyOf = (index: number) => ({
    contents: [{ role: 'user', parts }],
    generationConfig: {
      responseModalities: ['TEXT', 'IMAGE'],
      ...(Object.keys(imageConfig).length > 0 && { imageConfig }),
      ...(seed !== undefined && { seed: seed + index }),
    },
  });
  const made: Made[] = [];
  for (let from = 0; from < count; from += callsAtOnce) {
    const indexes = Array.from({ length: Math.min(callsAtOnce, count - from) }, (_, at) => from + at);
    const idempotencyKey = (index: number) =>
      index === 0 ? request.idempotencyKey : `${request.idempotencyKey}-${index + 1}`;
    made.push(
      ...(await Promise.all(
        indexes.map((index) =>
          askForContent(asked, { model, text: prompt, idempotencyKey: idempotencyKey(index) }, bodyOf(index)),
        ),
      )),
    );
  }
  const usage = made.reduce<ModelUsage | null>((sum, each) => sumOf(sum, each.usage), null);
  const data = made.flatMap((each) => each.data.slice(0, 1));
  if (data.length === 0) throw emptyError(subject, { reason: 'no image', usage });
  return { files: await writeMade(data, folder, 'image'), usage, model: made[0]?.model ?? model };
}

const predictionsSchema = z.object({ predictions: anyField });
const predictionSchema = z.object({
  bytesBase64Encoded: textField,
  mimeType: textField,
  raiFilteredReason: textField,
});

async function askImagen(asked: Asked, request: ImageRequest) {
  const { model, prompt, aspect = 'auto', count, seed, images, folder, idempotencyKey } = request;
  if (images.length > 0) {
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      'Imagen takes no images along with the prompt. Choose a Gemini image model.',
      { details: { model } },
    );
  }
  const body = {
    instances: [{ prompt }],
    parameters: {
      sampleCount: Math.min(count, 4),
      ...(aspect !== 'auto' && { aspectRatio: aspect }),
      ...(seed !== undefined && { seed, addWatermark: false }),
      includeRaiReason: true,
    },
  };
  const document = await ask(asked, { model, text: prompt, idempotencyKey }, { method: 'predict', body });
  const predictions = elementsOf(predictionsSchema.safeParse(document).data?.predictions, predictionSchema);
  const data = predictions.flatMap(({ bytesBase64Encoded: base64, mimeType }) =>
    base64 ? [{ base64, mimeType: mimeType ?? 'image/png' }] : [],
  );
  const withheld = predictions.find(({ raiFilteredReason }) => raiFilteredReason)?.raiFilteredReason;
  if (data.length === 0 && withheld) {
    throw blockedError(asked.subject, { reason: shownWord(withheld) ?? 'no reason given', usage: null });
  }
  if (data.length === 0) throw emptyError(asked.subject, { reason: 'no image', usage: null });
  return { files: await writeMade(data, folder, 'image'), usage: null, model };
}

async function speak(asked: Asked, request: SpeechRequest) {
  const { model, text, voice, instructions, idempotencyKey, folder } = request;
  const spoken = instructions === undefined ? text : `${instructions}\n\n${text}`;
  const made = await askForContent(
    asked,
    { model, text, idempotencyKey },
    {
      contents: [{ role: 'user', parts: [{ text: spoken }] }],
      generationConfig: {
        responseModalities: ['AUDIO'],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice ?? 'Kore' } } },
      },
    },
  );
  const [data] = made.data;
  if (data === undefined) throw emptyError(asked.subject, { reason: 'no sound', usage: made.usage });
  const file = path.join(folder, 'speech');
  const bytes = Buffer.from(data.base64, 'base64');
  // Bare samples: 16 bits, one channel; the rate is part of the type.
  const rate = /^audio\/(?:L16|pcm)\b/i.test(data.mimeType)
    ? Number(/rate=(\d+)/.exec(data.mimeType)?.[1] ?? 24_000)
    : null;
  await writeFile(file, rate === null ? bytes : Buffer.concat([wavHeader(bytes.byteLength, rate), bytes]));
  const sound = { file, mimeType: rate === null ? data.mimeType : 'audio/wav' };
  return { sound, usage: made.usage, model: made.model ?? model };
}

/** The 44 bytes before samples of 16 bits in one channel. */
function wavHeader(bytes: number, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  return header;
}

const transcriptRules = {
  type: 'object',
  properties: {
    segments: {
      type: 'array',
      items: {
        type: 'object',
        properties: { start: { type: 'number' }, end: { type: 'number' }, text: { type: 'string' } },
        required: ['start', 'end', 'text'],
      },
    },
  },
  required: ['segments'],
};
const transcriptSchema = z.object({
  segments: z.array(z.object({ start: z.number(), end: z.number(), text: z.string() })),
});

async function transcribe(asked: Asked, request: TranscriptRequest) {
  const { model, audio, language, hint, idempotencyKey } = request;
  const prompt = [
    'Write down word for word what is said, in segments of one sentence or less, with start and end in seconds.',
    ...(language === undefined ? [] : [`The language is ${language}.`]),
    ...(hint === undefined ? [] : [`These names and words may occur: ${hint}`]),
  ].join(' ');
  const made = await askForContent(
    asked,
    { model, text: hint ?? '', idempotencyKey },
    {
      contents: [{ role: 'user', parts: [{ text: prompt }, ...(await fileParts(asked, [audio]))] }],
      generationConfig: { temperature: 0, responseMimeType: 'application/json', responseJsonSchema: transcriptRules },
    },
  );
  let document: unknown;
  try {
    document = JSON.parse(made.text);
  } catch {
    document = null;
  }
  const read = transcriptSchema.safeParse(document);
  if (!read.success) throw emptyError(asked.subject, { reason: 'no transcript', usage: made.usage });
  const segments = read.data.segments.map((part) => ({ ...part, text: part.text.trim() }));
  const text = segments.map((part) => part.text).join(' ');
  return { text, segments, usage: made.usage, model: made.model ?? model };
}

function sumOf(one: ModelUsage | null, other: ModelUsage | null): ModelUsage | null {
  if (one === null || other === null) return one ?? other;
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
}
