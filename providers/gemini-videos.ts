import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError, TerminalError } from '../core/errors/app-error.ts';
import type { ModelCallOptions } from '../core/node-type/call-limits.ts';
import type { ModelFile, VideoRequest, VideoState } from '../core/node-type/media-models.ts';
import { jobLostError } from '../core/node-type/provider-job.ts';
import { blockedError, networkError, refusalError, wordsOf, type ErrorSubject } from './errors.ts';
import { get, modelPattern, pathOf, post, readRefusal, refusalOf, title, type Service } from './gemini-connection.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { networkReason } from './http-body.ts';
import { hearLimits } from './limit-headers.ts';
import { maxVideoBytes, readJsonAnswer, writeBody } from './media-results.ts';
import type { ProviderJob, VideoMaker } from './provider.ts';
import { redactExplanation } from './redact.ts';
import { elementsOf, field, listField, shownWord, textField } from './wire-fields.ts';

/* Veo: a long-running operation that is started, asked about, and whose file is fetched within two days. */

/** `models/<model>/operations/<id>`, as the service names them; nothing that could leave its paths. */
const operationPattern = /^(?:models\/[A-Za-z0-9._-]+\/)?operations\/[A-Za-z0-9._-]+$/;
/** A file of the service. */
const filePattern = /^\/v1beta\/(files\/[A-Za-z0-9-]+)(?::download)?$/;
/** Stores send on to where the bytes are. */
const mostRedirects = 3;

const startedSchema = z.object({ name: textField });
const errorSchema = z.object({ code: field(z.number()), message: textField });
const operationSchema = z.object({
  done: field(z.boolean()),
  error: field(errorSchema),
  response: field(
    z.object({
      generateVideoResponse: field(z.object({ generatedSamples: listField, raiMediaFilteredReasons: listField })),
    }),
  ),
});
const sampleSchema = z.object({ video: field(z.object({ uri: textField })) });

/** Video jobs of Gemini: a job is named by the operation that Google gives. */
export function geminiVideos(service: Service, subjectOf: (model: string) => ErrorSubject): VideoMaker {
  const guarded = <Result>(
    { model }: { readonly model: string },
    { signal, ...options }: ModelCallOptions,
    work: (asked: Asked) => Promise<Result>,
  ) =>
    guardCall({ title, signal, totalMs: service.limits.totalMs }, (call) => {
      const subject = subjectOf(model);
      if (!modelPattern.test(model))
        throw refusalError(subject, { status: 404, explanation: null, kind: 'no-such-model' });
      return work({ service: hearLimits(service, [service.baseUrl], options), subject, call, model });
    });
  return {
    isRepeatable: false,
    defaultSeconds: () => 8,
    start: (request, options) => guarded(request, options, (asked) => start(asked, request)),
    ask: (job, options) => guarded(job, options, async (asked) => stateOf(asked, await readOperation(asked, job))),
    fetch: (job, { folder, signal }) => guarded(job, { signal }, (asked) => fetchVideo(asked, job, folder)),
    cancel: (job, options) => guarded(job, options, (asked) => cancel(asked, job)),
  };
}

interface Asked {
  readonly service: Service;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
  readonly model: string;
}

const imageOf = async ({ file, mimeType }: ModelFile) => ({
  bytesBase64Encoded: await readFile(file, 'base64'),
  mimeType,
});

async function start({ service, subject, call }: Asked, request: VideoRequest): Promise<string> {
  const { model, prompt, negativePrompt, firstFrame, lastFrame, references, aspect, size, seconds, seed } = request;
  if (size !== undefined && !/^\d+[pk]$/i.test(size)) {
    throw new TerminalError('PROVIDER_BAD_REQUEST', 'Veo takes no size in pixels. Write 720p, 1080p or 4k.', {
      details: { model, field: 'size' },
    });
  }
  const body = {
    instances: [
      {
        prompt,
        ...(firstFrame !== undefined && { image: await imageOf(firstFrame) }),
        ...(lastFrame !== undefined && { lastFrame: await imageOf(lastFrame) }),
        ...(references.length > 0 && {
          referenceImages: await Promise.all(
            references.map(async (reference) => ({ image: await imageOf(reference), referenceType: 'asset' })),
          ),
        }),
      },
    ],
    parameters: {
      ...(aspect !== undefined && { aspectRatio: aspect }),
      ...(size !== undefined && { resolution: size.toLowerCase() }),
      ...(seconds !== undefined && { durationSeconds: seconds }),
      ...(negativePrompt !== undefined && { negativePrompt }),
      ...(seed !== undefined && { seed }),
    },
  };
  const { idempotencyKey } = request;
  const response = await post(service, pathOf(model, 'predictLongRunning'), {
    ...{ body, idempotencyKey, subject, signal: call.signal },
  });
  if (!response.ok) throw await refused({ service, subject, call, model }, response, prompt);
  const { name } = startedSchema.parse(await readJsonAnswer(response, subject));
  if (!name || !operationPattern.test(name)) throw networkError(subject, { kind: 'unreadable' });
  return name;
}

async function refused({ service, subject, model }: Asked, response: Response, userMessage: string): Promise<Error> {
  const { status } = response;
  const failure = await readRefusal(response);
  return refusalOf({ service, request: { model, userMessage }, subject }, { status, response, failure, usage: null });
}

type Operation = z.infer<typeof operationSchema>;

/** Null: the service does not know it. */
async function readOperation(asked: Asked, { id }: ProviderJob): Promise<Operation | null> {
  const { service, subject, call } = asked;
  if (!operationPattern.test(id)) return null;
  const response = await get(service, `/v1beta/${id}`, { subject, signal: call.signal });
  if (response.ok) return operationSchema.parse(await readJsonAnswer(response, subject));
  if (response.status === 404) {
    await response.body?.cancel();
    return null;
  }
  throw await refused(asked, response, '');
}

function stateOf({ service, subject }: Asked, operation: Operation | null): VideoState {
  if (operation === null) return { kind: 'gone', error: jobLostError(title) };
  if (operation.done !== true) return { kind: 'under-way', percent: null };
  const { error, response } = operation;
  if (error) {
    const says = redactExplanation(error.message ?? '', { secrets: [service.apiKey], contents: [], choices: [] });
    return {
      kind: 'gone',
      error: new TerminalError(
        'PROVIDER_JOB_FAILED',
        `${says === null ? '' : wordsOf(title, says)}${title} could not make the video. Change the prompt or the images, or try again.`,
        { details: { model: subject.model, status: error.code ?? null } },
      ),
    };
  }
  const made = response?.generateVideoResponse;
  if (uriOf(operation) !== null) return { kind: 'done' };
  const [reason] = made?.raiMediaFilteredReasons ?? [];
  if (typeof reason === 'string')
    return {
      kind: 'gone',
      error: blockedError(subject, { reason: shownWord(reason) ?? 'no reason given', usage: null }),
    };
  return {
    kind: 'gone',
    error: new TerminalError(
      'PROVIDER_JOB_FAILED',
      `${title} says that the video is done, but gives none. Try again, or change the prompt.`,
      { details: { model: subject.model } },
    ),
  };
}

function uriOf(operation: Operation | null): string | null {
  const samples = elementsOf(operation?.response?.generateVideoResponse?.generatedSamples, sampleSchema);
  return samples.map(({ video }) => video?.uri).find((uri) => Boolean(uri)) ?? null;
}

async function fetchVideo(asked: Asked, job: ProviderJob, folder: string): Promise<ModelFile> {
  const { service, subject, call } = asked;
  const operation = await readOperation(asked, job);
  const uri = uriOf(operation);
  if (uri === null || !URL.canParse(uri)) {
    const state = stateOf(asked, operation);
    throw state.kind === 'gone' ? state.error : networkError(subject, { kind: 'unreadable' });
  }
  // The key goes to the service alone, whatever address the answer names.
  const own = filePattern.exec(new URL(uri).pathname)?.[1];
  let response =
    own === undefined
      ? await bare(asked, uri)
      : await get(service, `/v1beta/${own}:download?alt=media`, { subject, signal: call.signal });
  for (let hops = 0; hops < mostRedirects && response.status >= 300 && response.status < 400; hops += 1) {
    const location = response.headers.get('location') ?? '';
    await response.body?.cancel();
    if (!URL.canParse(location)) throw networkError(subject, { kind: 'unreadable' });
    response = await bare(asked, location);
  }
  if (response.status === 404 || response.status === 410) throw jobLostError(title);
  if (!response.ok) throw await refused(asked, response, '');
  const file = path.join(folder, 'video');
  await writeBody(response, file, subject, maxVideoBytes);
  return { file, mimeType: response.headers.get('content-type')?.split(';', 1)[0] ?? 'video/mp4' };
}

/** Without the key. */
async function bare({ service, subject, call }: Asked, uri: string): Promise<Response> {
  try {
    return await service.fetch(uri, { redirect: 'manual', signal: call.signal });
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(subject, { kind: 'unreachable', reason: networkReason(error) });
  }
}

/** Services that know no cancel refuse it, and one that is over cannot be canceled: nothing more can be done then. */
async function cancel({ service, subject, call }: Asked, { id }: ProviderJob): Promise<void> {
  if (!operationPattern.test(id)) return;
  const path_ = `/v1beta/${id}:cancel`;
  const response = await post(service, path_, { body: {}, idempotencyKey: id, subject, signal: call.signal });
  await response.body?.cancel();
  if (response.status === 429 || response.status === 503)
    throw refusalError(subject, { status: response.status, explanation: null });
}
