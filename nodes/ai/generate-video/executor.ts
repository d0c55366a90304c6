import { z } from 'zod';
import { TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor, type JobKeeper } from '../../../core/node-type/executor.ts';
import { resolveAssetInput, resolveAssetInputs, textInput } from '../../../core/node-type/inputs.ts';
import type { VideoJob } from '../../../core/node-type/media-models.ts';
import { throughJob, type JobHandle } from '../../../core/node-type/provider-job.ts';
import type { AssetReference } from '../../../core/node-type/values.ts';
import { generateVideoNode } from './definition.ts';

/** The fastest models take ten seconds, most of them minutes. */
const askEveryMs = 8_000;

const jobSchema = z.object({
  provider: z.string(),
  model: z.string(),
  id: z.string(),
  seconds: z.number().nullable(),
});
const jobOf = (job: JobHandle): VideoJob => jobSchema.parse(job);

const keeper: JobKeeper = {
  poll: async (job, { models, signal }) => {
    const state = await models.askForVideo(jobOf(job), { signal });
    if (state.kind !== 'under-way') return { kind: 'over' };
    return { kind: 'under-way', percent: state.percent, message: null, againInMs: askEveryMs };
  },
  cancel: (job, { models, signal }) => models.cancelVideo(jobOf(job), { signal }),
};

/** Throws INPUT_MISSING, TYPE_MISMATCH, PROVIDER_*, and as a file is taken in: VIDEO_*, UNSUPPORTED_MEDIA. */
export const generateVideoExecutor = defineExecutor(
  generateVideoNode,
  async (context) => {
    const { config, inputs, assets, models, signal, idempotencyKey } = context;
    const prompt = textInput(inputs, 'prompt') ?? config.prompt;
    if (prompt.trim() === '') {
      throw new TerminalError('INPUT_MISSING', 'The prompt is empty. Fill in "Prompt", or connect a text.', {
        details: { field: 'prompt', handle: 'prompt' },
      });
    }
    const fileOf = async (asset: AssetReference) => ({
      file: await assets.localFile(asset),
      mimeType: asset.mimeType,
    });
    return throughJob({
      jobs: context.jobs,
      firstAskMs: askEveryMs,
      isRepeatable: async () => (await models.lookUp({ model: config.model })).isRepeatable,
      start: async (startSignal) => {
        const firstFrame = await resolveAssetInput(context, 'first_frame', 'image');
        const lastFrame = await resolveAssetInput(context, 'last_frame', 'image');
        const references = await resolveAssetInputs(context, 'references', 'image');
        const job = await models.startVideo(
          {
            model: config.model,
            prompt,
            ...(config.negativePrompt.trim() !== '' && { negativePrompt: config.negativePrompt }),
            ...(firstFrame !== undefined && { firstFrame: await fileOf(firstFrame) }),
            ...(lastFrame !== undefined && { lastFrame: await fileOf(lastFrame) }),
            references: await Promise.all(references.map(fileOf)),
            ...(config.aspect !== 'auto' && { aspect: config.aspect }),
            ...(config.size !== '' && { size: config.size }),
            ...(config.seconds !== undefined && { seconds: config.seconds }),
            ...(config.seed !== undefined && { seed: config.seed }),
            idempotencyKey,
          },
          { signal: startSignal },
        );
        return { ...job };
      },
      ask: async (job) => {
        const state = await models.askForVideo(jobOf(job), { signal });
        if (state.kind === 'done') return { kind: 'done', result: null };
        return state.kind === 'gone' ? state : { kind: 'under-way', againInMs: askEveryMs };
      },
      cancel: (job) => models.cancelVideo(jobOf(job), { signal }),
      finish: async (_result, job) => {
        const { video, ...facts } = await models.fetchVideo(jobOf(job), { folder: assets.workDir, signal });
        // Paid by now, whatever becomes of the file.
        context.report?.({ usage: facts.usage ?? undefined, model: facts.model, provider: facts.provider });
        return { output: await assets.save(video.file, { name: 'generated', kind: 'video' }) };
      },
    });
  },
  keeper,
);
