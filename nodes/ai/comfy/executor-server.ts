import { z } from 'zod';
import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import type { Secret, WebAnswer, WebBody, WebRequest, WebTools } from '../../../core/node-type/web-tools.ts';

/*
 * ComfyUI's HTTP API, as its server.py has it. Its WebSocket says how far a prompt is and nothing else that is relied on: what
 * it tells is lost when it drops.
 */

/** A server, and how it is reached. */
export interface ComfyServer {
  readonly url: string;
  readonly secret: Secret | null;
  readonly web: WebTools;
  readonly signal: AbortSignal;
}

/** A queue with a thousand graphs in it. */
const maxBytes = 64 * 1024 * 1024;
const timeoutMs = 60_000;

const itemSchema = z
  .tuple([z.number(), z.string(), z.unknown(), z.looseObject({ client_id: z.unknown() })])
  .rest(z.unknown());
const queueSchema = z.object({ queue_running: z.array(z.unknown()), queue_pending: z.array(z.unknown()) });
const fileSchema = z.object({
  filename: z.string(),
  subfolder: z.string().default(''),
  type: z.string().default('output'),
});
export type ComfyFile = z.output<typeof fileSchema>;
const entrySchema = z.object({
  outputs: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  status: z
    .object({ status_str: z.string(), completed: z.boolean(), messages: z.array(z.unknown()).default([]) })
    .nullish(),
});
export type ComfyEntry = z.output<typeof entrySchema>;

async function ask<Result>(
  { url, secret, web, signal }: ComfyServer,
  path: string,
  read: (answer: WebAnswer) => Promise<Result>,
  { method = 'GET', body, repeat = 'always' }: Partial<Pick<WebRequest, 'method' | 'body' | 'repeat'>> = {},
): Promise<Result> {
  const request: WebRequest = {
    method,
    url: `${url}${path}`,
    headers: secret === null ? [] : [['Authorization', `Bearer ${secret.value}`]],
    ...(body !== undefined && { body }),
    secrets: secret === null ? [] : [secret],
    repeat,
  };
  return web.request(request, { timeoutMs, signal }, read);
}

const json = (value: object): WebBody => ({ kind: 'text', text: JSON.stringify(value), mimeType: 'application/json' });

async function jsonOf(answer: WebAnswer): Promise<unknown> {
  if (answer.status >= 400) throw await refusal(answer);
  try {
    return JSON.parse(await answer.text(maxBytes)) as unknown;
  } catch {
    throw notComfy(answer.host);
  }
}

async function refusal(answer: WebAnswer): Promise<Error> {
  const { status, host } = answer;
  const message = `The ComfyUI server ${host} answered with status ${status}. Check it, and its address. It says: ${await answer.words()}`;
  const details = { status };
  return status >= 500 || status === 429
    ? new RetryableError('HTTP_FAILED', message, { details, retryAfterMs: answer.retryAfterMs ?? undefined })
    : new TerminalError('HTTP_FAILED', message, { details });
}

function notComfy(host: string): TerminalError {
  return new TerminalError('HTTP_ANSWER_INVALID', `${host} does not answer as ComfyUI does. Check the address.`);
}

/** A place in the line of a server: 0 is being worked on. */
export interface ComfyPlace {
  readonly promptId: string;
  readonly clientId: unknown;
  readonly place: number;
}

/** What the server works on (place 0) and what waits there, in the order in which it is taken. */
export async function readQueue(server: ComfyServer): Promise<readonly ComfyPlace[]> {
  const read = queueSchema.safeParse(await ask(server, '/queue', jsonOf));
  if (!read.success) throw notComfy(new URL(server.url).host);
  const items = (list: readonly unknown[]) =>
    list.flatMap((item) => {
      const parsed = itemSchema.safeParse(item);
      return parsed.success ? [parsed.data] : [];
    });
  const running = items(read.data.queue_running).map(([, promptId, , extra]) => ({
    ...{ promptId, clientId: extra.client_id, place: 0 },
  }));
  // In the order in which they are taken.
  const pending = items(read.data.queue_pending)
    .toSorted(([one], [other]) => one - other)
    .map(([, promptId, , extra], index) => ({ promptId, clientId: extra.client_id, place: index + 1 }));
  return [...running, ...pending];
}

/** What came of a prompt; null where the server does not know it: not yet, or not any more since it began anew. */
export async function readEntry(server: ComfyServer, promptId: string): Promise<ComfyEntry | null> {
  const history = await ask(server, `/history/${encodeURIComponent(promptId)}`, jsonOf);
  const entry = z.record(z.string(), z.unknown()).safeParse(history).data?.[promptId];
  return entry === undefined ? null : (entrySchema.safeParse(entry).data ?? null);
}

/** How far a server is within one node of a graph. */
export interface ComfySteps {
  /** The node's number in the graph; empty where the server does not say. */
  readonly node: string;
  readonly done: number;
  readonly of: number;
}

/** A step takes a sampler a fraction of a second; one of a video, several. */
const listenForMs = 1_500;

const count = z.number().nonnegative();
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    data: z.object({ value: count, max: count, prompt_id: z.string().nullish(), node: z.string().nullish() }),
  }),
  z.object({
    type: z.literal('progress_state'),
    data: z.object({
      prompt_id: z.string(),
      nodes: z.record(z.string(), z.object({ value: count, max: count, state: z.string() })),
    }),
  }),
]);

/**
 * Listens for a moment to what a server tells the client that handed a prompt in. Null where it tells of no steps: a node may
 * have none, and a server, or a proxy before it, no WebSocket. Never throws but for an abort.
 */
export async function hearSteps(
  { url, secret, web, signal }: ComfyServer,
  { promptId, clientId }: { readonly promptId: string; readonly clientId: string },
): Promise<ComfySteps | null> {
  let heard: ComfySteps | null = null;
  const request = {
    url: `${url}/ws?clientId=${encodeURIComponent(clientId)}`,
    headers: secret === null ? [] : ([['Authorization', `Bearer ${secret.value}`]] as const),
    secrets: secret === null ? [] : [secret],
  };
  const listening = web.listen(request, { forMs: listenForMs, signal }, (text) => {
    heard = stepsIn(text, promptId);
    return heard === null;
  });
  await listening.catch(() => undefined);
  signal.throwIfAborted();
  return heard;
}

function stepsIn(text: string, promptId: string): ComfySteps | null {
  let document: unknown = null;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  const event = eventSchema.safeParse(document).data;
  // Old servers do not say whose it is; they tell it nobody but the client whose it is.
  if (event === undefined || (event.data.prompt_id ?? promptId) !== promptId) return null;
  const running =
    event.type === 'progress'
      ? [{ ...event.data, node: event.data.node ?? '' }]
      : Object.entries(event.data.nodes).flatMap(([node, data]) =>
          data.state === 'running' ? [{ node, ...data }] : [],
        );
  // A node that does its work in one go has one step.
  const steps = running.find(({ max }) => max > 1);
  return steps === undefined ? null : { node: steps.node, done: Math.min(steps.value, steps.max), of: steps.max };
}

const acceptedSchema = z.object({ prompt_id: z.string() });
const refusedSchema = z.object({
  error: z
    .object({ message: z.string(), details: z.string().default('') })
    .or(z.string())
    .optional(),
  node_errors: z
    .record(
      z.string(),
      z.object({ errors: z.array(z.object({ message: z.string(), details: z.string().default('') })) }),
    )
    .catch({}),
});

/** Puts a graph into the line under an id of ours; older servers choose their own. Throws PROVIDER_BAD_REQUEST with its reasons. */
export async function queuePrompt(
  server: ComfyServer,
  { promptId, clientId, prompt }: { readonly promptId: string; readonly clientId: string; readonly prompt: unknown },
): Promise<string> {
  const body = json({ prompt, prompt_id: promptId, client_id: clientId });
  return ask(
    server,
    '/prompt',
    async (answer) => {
      if (answer.status !== 400) {
        const read = acceptedSchema.safeParse(await jsonOf(answer));
        if (!read.success) throw notComfy(answer.host);
        return read.data.prompt_id;
      }
      throw new TerminalError(
        'PROVIDER_BAD_REQUEST',
        `ComfyUI refused the graph. Correct it there and export it again.${reasonsIn(await answer.text(maxBytes))}`,
        { details: { status: 400 } },
      );
    },
    { method: 'POST', body, repeat: 'unsent' },
  );
}

function reasonsIn(text: string): string {
  let document: unknown = null;
  try {
    document = JSON.parse(text);
  } catch {
    return '';
  }
  const { error, node_errors: nodes } = refusedSchema.catch({ node_errors: {} }).parse(document);
  const whole = error === undefined ? [] : [typeof error === 'string' ? error : `${error.message} ${error.details}`];
  const each = Object.entries(nodes).flatMap(([id, { errors }]) =>
    errors.map(({ message, details }) => `node ${id}: ${message} ${details}`),
  );
  const says = [...whole, ...each].join('; ').replaceAll(/\s+/g, ' ').trim().slice(0, 600);
  return says === '' ? '' : ` It says: ${says}`;
}

/** Whether the server has a file among its inputs. */
export function hasInput(server: ComfyServer, name: string): Promise<boolean> {
  return ask(server, `/view?filename=${encodeURIComponent(name)}&type=input`, async ({ status }) => status === 200);
}

const uploadedSchema = z.object({ name: z.string(), subfolder: z.string().default('') });

/** Gives the name that the graph calls it by. */
export async function uploadInput(
  server: ComfyServer,
  { name, file, mimeType }: { readonly name: string; readonly file: string; readonly mimeType: string },
): Promise<string> {
  const body: WebBody = {
    kind: 'parts',
    parts: [
      { name: 'image', file, fileName: name, mimeType },
      { name: 'type', value: 'input' },
      { name: 'overwrite', value: 'true' },
    ],
  };
  const read = uploadedSchema.safeParse(await ask(server, '/upload/image', jsonOf, { method: 'POST', body }));
  if (!read.success) throw notComfy(new URL(server.url).host);
  const { name: kept, subfolder } = read.data;
  return subfolder === '' ? kept : `${subfolder}/${kept}`;
}

/** The files that nodes put out, by node in the order of their numbers. */
export function filesOf({ outputs }: ComfyEntry, node: string | null): readonly ComfyFile[] {
  return Object.entries(outputs)
    .filter(([id]) => node === null || id === node)
    .flatMap(([, lists]) => Object.values(lists))
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((file) => {
      const read = fileSchema.safeParse(file);
      return read.success ? [read.data] : [];
    });
}

/** Streams a result to `read`. Throws PROVIDER_* errors. */
export function fetchFile<Result>(
  server: ComfyServer,
  { filename, subfolder, type }: ComfyFile,
  read: (body: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const query = new URLSearchParams({ filename, subfolder, type });
  return ask(server, `/view?${query.toString()}`, async (answer) => {
    if (answer.status >= 400) throw await refusal(answer);
    return read(answer.body);
  });
}

/**
 * Takes one prompt back. The servers' own interrupt is of whatever is being worked on: it is used where that is this prompt,
 * and names it, to which newer ones hold.
 */
export async function cancelPrompt(server: ComfyServer, promptId: string): Promise<void> {
  const done = async (answer: WebAnswer) => {
    if (answer.status >= 400) throw await refusal(answer);
  };
  await ask(server, '/queue', done, { method: 'POST', body: json({ delete: [promptId] }) });
  const isRunning = (await readQueue(server)).some((place) => place.place === 0 && place.promptId === promptId);
  if (isRunning) await ask(server, '/interrupt', done, { method: 'POST', body: json({ prompt_id: promptId }) });
}
