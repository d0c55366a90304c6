import path from 'node:path';
import { FormData } from 'undici';
import { z } from 'zod';
import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelFile, VideoRequest, VideoState } from '../core/node-type/media-models.ts';
import { jobLostError } from '../core/node-type/provider-job.ts';
import { blockedError, networkError, wordsOf } from './errors.ts';
import { guardCall, type GuardedCall } from './guarded-call.ts';
import { hearLimits } from './limit-headers.ts';
import { maxVideoBytes, readJsonAnswer, writeBody } from './media-results.ts';
import { explain, Refused, sendToBase, subjectOf, title, type Connection } from './openai-connection.ts';
import { append, errorOf, postUntilTaken } from './openai-media.ts';
import type { ProviderJob, VideoMaker } from './provider.ts';
import { field, shownWord, textField } from './wire-fields.ts';

/* OpenAI's endpoints for videos, as other servers have them as well: a job that is asked about by its id. */

const idPattern = /^[A-Za-z0-9._:-]{1,200}$/;

const videoSchema = z.object({
  id: textField,
  status: textField,
  progress: field(z.number().min(0).max(100)),
  error: field(z.object({ code: textField, message: textField })),
});
type Video = z.infer<typeof videoSchema>;

/** Video jobs of OpenAI and of servers like it. */
export function openAiVideos(connection: Connection): VideoMaker {
  const guarded = <Result>(signal: AbortSignal, work: (call: GuardedCall) => Promise<Result>) =>
    guardCall({ title, signal, totalMs: connection.limits.totalMs }, work);
  return {
    isRepeatable: connection.isIdempotent,
    defaultSeconds: (model) => (model.startsWith('sora-2') ? 4 : null),
    start: (request, { signal, ...options }) =>
      guarded(signal, (call) => start(hearLimits(connection, connection.bases, options), request, call)),
    ask: (job, { signal }) =>
      guarded(signal, async (call) => stateOf(connection, job, await readVideo(connection, job, call))),
    fetch: (job, { folder, signal }) => guarded(signal, (call) => fetchVideo(connection, job, { folder, call })),
    cancel: (job, { signal }) => guarded(signal, (call) => cancel(connection, job, call)),
  };
}

async function start(connection: Connection, request: VideoRequest, call: GuardedCall): Promise<string> {
  const { model, prompt, firstFrame, lastFrame, references } = request;
  const subject = subjectOf(connection, model);
  if (lastFrame !== undefined || (firstFrame !== undefined ? 1 : 0) + references.length > 1) {
    throw new TerminalError(
      'PROVIDER_BAD_REQUEST',
      'OpenAI-compatible servers take one image for a video, which it begins with. Disconnect the others, or choose a Veo model.',
      { details: { model } },
    );
  }
  const image = firstFrame ?? references[0];
  const fields = (left: ReadonlySet<string>): [string, string][] =>
    (
      [
        ['model', model],
        ['prompt', prompt],
        ['seconds', request.seconds],
        ['size', sizeOf(request)],
        ['negative_prompt', request.negativePrompt],
        ['seed', request.seed],
      ] as const
    ).flatMap(([name, value]) => (value === undefined || left.has(name) ? [] : [[name, String(value)]]));
  const response = await postUntilTaken(
    connection,
    {
      path: '/videos',
      body: async (left) => {
        if (image === undefined) return Object.fromEntries(fields(left));
        const form = new FormData();
        for (const [name, value] of fields(left)) form.append(name, value);
        await append(form, 'input_reference', image);
        return form;
      },
      optional: ['negative_prompt', 'seed'],
      model,
      text: prompt,
      idempotencyKey: request.idempotencyKey,
      accept: 'application/json',
    },
    call,
  );
  const { id } = videoSchema.parse(await readJsonAnswer(response, subject));
  if (!id || !idPattern.test(id)) throw networkError(subject, { kind: 'unreadable' });
  return id;
}

/** In pixels, as it is written or near what is meant by it. */
function sizeOf({ size, aspect }: VideoRequest): string | undefined {
  if (size !== undefined && /^\d+x\d+$/.test(size)) return size;
  if (size === undefined && aspect === undefined) return undefined;
  const short = /^1080p$/i.test(size ?? '') ? 1080 : /^4k$/i.test(size ?? '') ? 2160 : 720;
  const long = Math.round((short * 16) / 9);
  return { '16:9': `${long}x${short}`, '9:16': `${short}x${long}`, '1:1': `${short}x${short}` }[aspect ?? '16:9'];
}

/** Null: the server does not know it. */
async function readVideo(connection: Connection, { id, model }: ProviderJob, call: GuardedCall): Promise<Video | null> {
  const subject = subjectOf(connection, model);
  if (!idPattern.test(id)) return null;
  try {
    const response = await sendToBase(connection, `/videos/${id}`, { subject, signal: call.signal });
    return videoSchema.parse(await readJsonAnswer(response, subject));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 404) return null;
    throw errorOf(connection, { model, text: '' }, error);
  }
}

function stateOf(connection: Connection, { model }: ProviderJob, video: Video | null): VideoState {
  if (video === null) return { kind: 'gone', error: jobLostError(title) };
  const { status, progress, error } = video;
  if (status === 'completed') return { kind: 'done' };
  if (status !== 'failed' && status !== 'cancelled') return { kind: 'under-way', percent: progress ?? null };
  const subject = subjectOf(connection, model);
  const code = shownWord(error?.code ?? '') ?? 'no reason given';
  if (/moderation|content_policy|safety/i.test(code))
    return { kind: 'gone', error: blockedError(subject, { reason: code, usage: null }) };
  const says = explain(connection, null, error?.message ?? '');
  return {
    kind: 'gone',
    error: new TerminalError(
      'PROVIDER_JOB_FAILED',
      `${says === null ? '' : wordsOf(title, says)}${title} could not make the video (${code}). Change the prompt or the images, or try again.`,
      { details: { model } },
    ),
  };
}

async function fetchVideo(
  connection: Connection,
  { id, model }: ProviderJob,
  { folder, call }: { readonly folder: string; readonly call: GuardedCall },
): Promise<ModelFile> {
  const subject = subjectOf(connection, model);
  if (!idPattern.test(id)) throw jobLostError(title);
  try {
    const request = { subject, signal: call.signal, accept: 'video/*' };
    const response = await sendToBase(connection, `/videos/${id}/content`, request);
    const mimeType = response.headers.get('content-type')?.split(';', 1)[0] ?? 'video/mp4';
    const file = path.join(folder, 'video');
    await writeBody(response, file, subject, maxVideoBytes);
    return { file, mimeType };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 404 || error.status === 410) throw jobLostError(title);
    throw errorOf(connection, { model, text: '' }, error);
  }
}

/** There is no cancel; what is deleted is not made to the end. One that cannot be deleted yet is made and left there. */
async function cancel(connection: Connection, { id, model }: ProviderJob, call: GuardedCall): Promise<void> {
  if (!idPattern.test(id)) return;
  const subject = subjectOf(connection, model);
  try {
    const response = await sendToBase(connection, `/videos/${id}`, { subject, signal: call.signal, method: 'DELETE' });
    await response.body?.cancel();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 429 || error.status >= 500) throw errorOf(connection, { model, text: '' }, error);
  }
}
