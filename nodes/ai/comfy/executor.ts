import { z } from 'zod';
import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import { defineExecutor, type ExecutionContext, type JobKeeper } from '../../../core/node-type/executor.ts';
import { jobLostError, throughJob, type JobHandle, type JobState } from '../../../core/node-type/provider-job.ts';
import { isAssetReference, type AssetReference } from '../../../core/node-type/values.ts';
import type { Secret, WebTools } from '../../../core/node-type/web-tools.ts';
import { comfyNode } from './definition.ts';
import {
  cancelPrompt,
  fetchFile,
  filesOf,
  hasInput,
  hearSteps,
  queuePrompt,
  readEntry,
  readQueue,
  uploadInput,
  type ComfyEntry,
  type ComfyFile,
  type ComfyServer,
} from './executor-server.ts';
import { fillGraph, namedResultsOf, namesIn, readComfyGraph, type ComfyResult, type NamedResult } from './handles.ts';

/** A server of one's own is asked often, and a picture takes it seconds. */
const askEveryMs = 2_000;

/** What older versions stored has no client: the servers of then took its id for that of the prompt. */
const jobSchema = z.object({
  server: z.string(),
  promptId: z.string(),
  clientId: z.string().optional(),
  secret: z.string(),
});

async function serverOf(
  job: JobHandle,
  web: WebTools,
  signal: AbortSignal,
): Promise<ComfyServer & { promptId: string; clientId: string }> {
  const { server: url, promptId, clientId = promptId, secret } = jobSchema.parse(job);
  return { url, promptId, clientId, secret: await secretOf(secret, web), web, signal };
}

async function secretOf(name: string, web: WebTools): Promise<Secret | null> {
  return name === '' ? null : ((await web.secrets([name])).get(name) ?? null);
}

/** Asked in this order: what is not in the line any more is in the history, or lost. */
async function standOf(server: ComfyServer, promptId: string): Promise<number | ComfyEntry | null> {
  const place = (await readQueue(server)).find((each) => each.promptId === promptId);
  return place === undefined ? readEntry(server, promptId) : place.place;
}

const keeper: JobKeeper = {
  poll: async (job, { web, signal }) => {
    const server = await serverOf(job, web, signal);
    const stand = await standOf(server, server.promptId);
    if (typeof stand !== 'number') return { kind: 'over' };
    const under = { kind: 'under-way', againInMs: askEveryMs } as const;
    if (stand > 0) return { ...under, percent: 0, message: `In the queue of ComfyUI, ${stand} before it` };
    const steps = await hearSteps(server, server);
    // Nobody knows how much there is to do after the node that it is at: told is that node's part, and nothing is made up.
    if (steps === null) return { ...under, percent: null, message: 'ComfyUI is working on it' };
    const { node, done, of } = steps;
    const where = node === '' ? '' : ` of node ${node}`;
    return { ...under, percent: Math.round((100 * done) / of), message: `ComfyUI is at step ${done} of ${of}${where}` };
  },
  cancel: async (job, { web, signal }) => {
    const server = await serverOf(job, web, signal);
    await cancelPrompt(server, server.promptId);
  },
};

type Context = ExecutionContext<z.output<typeof comfyNode.configSchema>>;

/** Throws INPUT_MISSING, PROVIDER_*, HTTP_*, URL_*, SECRET_NOT_FOUND, and as files are taken in what that throws. */
export const comfyExecutor = defineExecutor(
  comfyNode,
  (context) =>
    throughJob({
      jobs: context.jobs,
      firstAskMs: askEveryMs,
      // What is in the line, or was worked on, is found by the id of the client.
      isRepeatable: async () => true,
      start: (signal) => start(context, signal),
      ask: async (job) => {
        const server = await serverOf(job, context.web, context.signal);
        return stateOf(await standOf(server, server.promptId), context.config);
      },
      cancel: (job) => keeper.cancel(job, context),
      finish: async ({ files, named }, job) => {
        const server = await serverOf(job, context.web, context.signal);
        const { assets, config, signal } = context;
        const take = (file: ComfyFile, kind: ComfyResult) =>
          fetchFile(server, file, (body) => assets.take(body, { name: file.filename, kind, signal }));
        const all: AssetReference[] = [];
        for (const file of files) all.push(await take(file, config.result));
        const outputs: Record<string, AssetReference | null> = {};
        for (const { name, kind, file } of named) outputs[name] = file === null ? null : await take(file, kind);
        return { ...outputs, output: all[0] ?? null, all };
      },
    }),
  keeper,
);

async function start(context: Context, signal: AbortSignal): Promise<JobHandle> {
  const { config, web, idempotencyKey } = context;
  const graph = readComfyGraph(config.graph);
  if (graph === null) {
    throw new TerminalError(
      'NODE_DATA_INVALID',
      'The graph is not in the API format. In ComfyUI, use "Export (API)".',
      {
        details: { field: 'graph' },
      },
    );
  }
  const urls = [config.server, ...config.others.split('\n')].map((url) => url.trim().replace(/\/+$/, ''));
  const secret = await secretOf(config.secret, web);
  const servers = [...new Set(urls.filter((url) => url !== ''))].map((url) => ({ url, secret, web, signal }));
  const { server, promptId: known } = await choose(servers, idempotencyKey);
  const handle = { server: server.url, clientId: idempotencyKey, secret: config.secret };
  if (known !== null) return { ...handle, promptId: known };
  const values = new Map<string, unknown>();
  for (const name of namesIn(config.graph)) values.set(name, await valueOf(context, server, name));
  const prompt = fillGraph(graph, (name) => values.get(name));
  const promptId = await queuePrompt(server, { promptId: idempotencyKey, clientId: idempotencyKey, prompt });
  return { ...handle, promptId };
}

/** The server that has the prompt already, from an attempt before; else that with the shortest line. */
async function choose(
  servers: readonly ComfyServer[],
  clientId: string,
): Promise<{ server: ComfyServer; promptId: string | null }> {
  const found: { server: ComfyServer; length: number }[] = [];
  let failure: Error | null = null;
  for (const server of servers) {
    try {
      const line = await readQueue(server);
      const own = line.find((place) => place.clientId === clientId)?.promptId;
      if (own !== undefined) return { server, promptId: own };
      if ((await readEntry(server, clientId)) !== null) return { server, promptId: clientId };
      found.push({ server, length: line.length });
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
  const [best] = found.toSorted((one, other) => one.length - other.length);
  if (best !== undefined) return { server: best.server, promptId: null };
  throw failure ?? new TerminalError('INPUT_MISSING', 'There is no server. Enter the address of one.');
}

/** A file is uploaded under its hash, once. */
async function valueOf({ inputs, assets }: Context, server: ComfyServer, handle: string): Promise<unknown> {
  const value = inputs[handle];
  if (value === undefined) {
    throw new TerminalError('INPUT_MISSING', `The graph needs "${handle}". Connect something to it.`, {
      details: { handle },
    });
  }
  if (!isAssetReference(value)) return value;
  const extension = /\/([a-z0-9]+)/.exec(value.mimeType)?.[1]?.replace('jpeg', 'jpg') ?? 'bin';
  const name = `heddle-${value.sha256}.${extension}`;
  if (await hasInput(server, name)) return name;
  return uploadInput(server, { name, file: await assets.localFile(value), mimeType: value.mimeType });
}

const endings: Readonly<Record<ComfyResult, RegExp>> = {
  image: /\.(?:png|jpe?g|webp|gif|avif|tiff?|bmp)$/i,
  video: /\.(?:mp4|webm|mov|mkv|avi)$/i,
  audio: /\.(?:wav|mp3|flac|ogg|opus|m4a|aac)$/i,
};

/** What came of a graph: the results, and the first file of each node that has a name. */
interface Made {
  readonly files: readonly ComfyFile[];
  readonly named: readonly (NamedResult & { readonly file: ComfyFile | null })[];
}

function stateOf(stand: number | ComfyEntry | null, config: Context['config']): JobState<Made> {
  if (typeof stand === 'number') return { kind: 'under-way', againInMs: askEveryMs };
  if (stand === null) return { kind: 'gone', error: jobLostError('ComfyUI') };
  const { status } = stand;
  if (status && (!status.completed || status.status_str === 'error'))
    return { kind: 'gone', error: failureIn(status.messages) };
  const { result, outputNode } = config;
  const files = keptOf(stand, outputNode.trim() || null, result);
  const named = namedResultsOf(config).map((each) => ({
    ...each,
    file: keptOf(stand, each.node, each.kind)[0] ?? null,
  }));
  if (files.length > 0 || named.some(({ file }) => file !== null)) return { kind: 'done', result: { files, named } };
  const message = `The graph finished, but gave no ${result}. Choose another kind of result, or check which node has it.`;
  return { kind: 'gone', error: new TerminalError('PROVIDER_JOB_FAILED', message) };
}

/** Files of a kind that a node put out, or all of them: what is kept, and previews only where nothing is. */
function keptOf(entry: ComfyEntry, node: string | null, kind: ComfyResult): readonly ComfyFile[] {
  const files = filesOf(entry, node).filter(({ filename }) => endings[kind].test(filename));
  const kept = files.filter(({ type }) => type === 'output');
  return kept.length > 0 ? kept : files;
}

const messageSchema = z.tuple([
  z.string(),
  z.looseObject({ exception_message: z.string().optional(), node_type: z.string().optional(), node_id: z.unknown() }),
]);

function failureIn(messages: readonly unknown[]): Error {
  const all = messages.flatMap((message) => {
    const parsed = messageSchema.safeParse(message);
    return parsed.success ? [parsed.data] : [];
  });
  if (all.some(([kind]) => kind === 'execution_interrupted')) {
    // By somebody at the server, or by another program: its interrupt is of whatever is being worked on.
    return new RetryableError(
      'PROVIDER_JOB_FAILED',
      'Somebody interrupted ComfyUI while it worked on this. Run it again.',
    );
  }
  const [, failure] = all.find(([kind]) => kind === 'execution_error') ?? [];
  const at = failure?.node_type === undefined ? '' : ` at its node ${String(failure.node_id)} (${failure.node_type})`;
  const says = failure?.exception_message?.replaceAll(/\s+/g, ' ').trim().slice(0, 500);
  return new TerminalError(
    'PROVIDER_JOB_FAILED',
    `ComfyUI could not finish the graph${at}. Check the graph there.${says ? ` It says: ${says}` : ''}`,
  );
}
