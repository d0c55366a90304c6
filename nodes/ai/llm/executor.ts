import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import { modelUsageSchema } from '../../../core/api/runs.ts';
import {
  defineExecutor,
  type ExecutionContext,
  type ModelRequest,
  type ModelResult,
} from '../../../core/node-type/executor.ts';
import type { ModelUsage } from '../../../core/node-type/model-usage.ts';
import { resolveAssetInputs, textInput } from '../../../core/node-type/inputs.ts';
import {
  dataTypeOf,
  isAssetReference,
  type AssetReference,
  type NodeOutputs,
  type OutputValue,
} from '../../../core/node-type/values.ts';
import { soundForModel } from '../../../media/audio/sound-for-model.ts';
import { llmNode, type LlmConfig } from './definition.ts';
import { askedAgain, outputsOf, readStructured, schemaOf } from './executor-structure.ts';

/** Variants that are asked for at once: providers count calls. */
const callsAtOnce = 3;

type Context = ExecutionContext<LlmConfig>;

/**
 * Streams the answer and reports usage, model and provider; of several variants the first is streamed. Throws
 * INPUT_MISSING, TYPE_MISMATCH, PROVIDER_*, and PROVIDER_ANSWER_INVALID where two answers do not fit the schema.
 */
export const llmExecutor = defineExecutor(llmNode, async (context) => {
  const { config, signal } = context;
  const request = await requestOf(context);
  signal.throwIfAborted();
  const spent = new Spending(context);
  const answers: OutputValue[] = [];
  try {
    for (let from = 0; from < config.variants; from += callsAtOnce) {
      const indexes = Array.from({ length: Math.min(callsAtOnce, config.variants - from) }, (_, at) => from + at);
      const settled = await Promise.allSettled(indexes.map((index) => answerOf(context, request, index, spent)));
      const failed = settled.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      answers.push(...settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
    }
  } catch (error) {
    throw spent.within(error);
  }
  const each = answers.map((answer) => outputsOf(answer, config));
  const [first = {}] = each;
  return config.variants === 1 ? first : listsOf(each);
});

async function requestOf(context: Context): Promise<ModelRequest> {
  const { config, inputs } = context;
  // A connected handle wins over the field, also where it carries empty text.
  const systemPrompt = textInput(inputs, 'system_prompt') ?? config.systemPrompt;
  const userMessage = textInput(inputs, 'user_message') ?? config.userMessage ?? '';
  if (userMessage.trim() === '') {
    throw new TerminalError(
      'INPUT_MISSING',
      'The user message is empty, so there is nothing to ask. Fill in "User message", or check the text that is connected.',
      { details: { field: 'userMessage', handle: 'user_message' } },
    );
  }
  const images = await filesOf(context, await resolveAssetInputs(context, 'images', 'image'));
  const files = await filesOf(context, otherFiles(inputs));
  const schema = schemaOf(config);
  return {
    model: config.model,
    systemPrompt,
    userMessage,
    images,
    ...(files.length > 0 && { files }),
    temperature: config.temperature,
    maxOutputTokens: config.maxOutputTokens,
    ...(config.stop !== undefined && { stop: config.stop }),
    ...(config.seed !== undefined && { seed: config.seed }),
    ...(config.reasoningEffort !== 'default' && { reasoningEffort: config.reasoningEffort }),
    ...(schema !== null && { answerSchema: schema }),
    idempotencyKey: context.idempotencyKey,
  };
}

async function filesOf({ assets, media, signal }: Context, references: readonly AssetReference[]) {
  const files: { file: string; mimeType: string }[] = [];
  for (const asset of references) {
    const file = { file: await assets.localFile(asset), mimeType: asset.mimeType };
    files.push(await soundForModel(file, { media, folder: assets.workDir, signal }));
  }
  return files;
}

/** Files of any kind but images, in the order of the edges; a list counts with each of its items. */
function otherFiles(inputs: Context['inputs']): AssetReference[] {
  const value = Object.hasOwn(inputs, 'files') ? inputs['files'] : undefined;
  const items = value === undefined ? [] : [value].flat(2);
  return items.map((item) => {
    if (isAssetReference(item) && dataTypeOf(item) !== 'image') return item;
    throw new TerminalError(
      'TYPE_MISMATCH',
      'The input "files" takes audio, video and documents only. Connect images to "images", and text to the prompt.',
      { details: { handle: 'files' } },
    );
  });
}

/** One variant: its text, or its data; those that do not fit are asked for once more, with what was wrong. */
async function answerOf(context: Context, common: ModelRequest, index: number, spent: Spending): Promise<OutputValue> {
  const { config, signal } = context;
  const request: ModelRequest =
    index === 0
      ? common
      : {
          ...common,
          ...(common.seed !== undefined && { seed: common.seed + index }),
          idempotencyKey: `${common.idempotencyKey}-${index + 1}`,
        };
  const ask = async (asked: ModelRequest): Promise<string> => {
    const onDelta = (text: string) => {
      if (index === 0) context.delta(text);
    };
    const answer = await context.models.generate(asked, { signal, onDelta });
    spent.add(answer);
    return answer.text;
  };
  const text = await ask(request);
  const schema = schemaOf(config);
  if (schema === null) return text;
  const first = readStructured(text, schema);
  if ('value' in first) return first.value;
  const again = await ask({
    ...request,
    userMessage: askedAgain(request.userMessage, text, first.problem),
    idempotencyKey: `${request.idempotencyKey}-again`,
  });
  const second = readStructured(again, schema);
  if ('value' in second) return second.value;
  throw new TerminalError(
    'PROVIDER_ANSWER_INVALID',
    `The model answered twice with something that does not fit: ${second.problem}. Choose another model, ` +
      'describe the fields, or ask for less.',
    { details: { model: config.model, problem: second.problem } },
  );
}

function listsOf(each: readonly NodeOutputs[]): NodeOutputs {
  const ids = Object.keys(each[0] ?? {});
  return Object.fromEntries(ids.map((id) => [id, each.map((outputs) => outputs[id] ?? null)]));
}

/** What all calls of a node have used together: told as they end, and with an error. */
class Spending {
  readonly #context: Context;
  #usage: ModelUsage | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  add({ usage, model, provider }: ModelResult): void {
    this.#usage = sumOf(this.#usage, usage);
    this.#context.report?.({ usage: this.#usage ?? undefined, model, provider });
  }

  /** The error with what was used before it: answers that were thrown away are paid as any other. */
  within(error: unknown): unknown {
    if (this.#usage === null || !(error instanceof TerminalError || error instanceof RetryableError)) return error;
    const own = modelUsageSchema.safeParse(error.details['usage']).data ?? null;
    const options = { details: { ...error.details, usage: sumOf(this.#usage, own) }, cause: error };
    return error instanceof RetryableError
      ? new RetryableError(error.code, error.message, {
          ...options,
          ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
        })
      : new TerminalError(error.code, error.message, options);
  }
}

function sumOf(one: ModelUsage | null, other: ModelUsage | null): ModelUsage | null {
  if (one === null || other === null) return one ?? other;
  const costs = [one.costUsd, other.costUsd].filter((cost) => typeof cost === 'number');
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...(costs.length > 0 && { costUsd: costs.reduce((sum, cost) => sum + cost, 0) }),
  };
}
