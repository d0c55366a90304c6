import { errorOf, HeddleError } from './errors.ts';
import { readStream } from './read-stream.ts';
import type { AnyWorkflow, FileReference, Run, RunEvent, UploadedFile, WorkflowTypes } from './types.ts';

export { HeddleError, type Finding } from './errors.ts';
export type {
  AnyWorkflow,
  FileInput,
  FileReference,
  Run,
  RunEvent,
  RunStatus,
  UploadedFile,
  WorkflowTypes,
} from './types.ts';

interface ClientOptions {
  /** Address of the server, with its path where it is under one. */
  readonly server: string;
  /** `hdl_` and 43 characters. Default: none, as for a page of the server itself, whose session then counts. */
  readonly apiKey?: string | undefined;
  /** The id of the workspace that files are uploaded to. Default: that of the key, or else its person's own. */
  readonly workspaceId?: string | undefined;
  /** Default: that of the platform. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface StartOptions {
  /** Number of a published version. Default: that which is live. */
  readonly version?: number | undefined;
  /** Whether earlier results may stand in. Default: for deterministic nodes only. */
  readonly useCache?: boolean | undefined;
  /** Starts with the same key make one run. Default: a key for this call. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface FollowOptions {
  /** The newest `seq` that you have; events after it come. Default 0: from the beginning. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The run that was waited for did not complete. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  readonly run: Run;

  constructor(run: Run) {
    super(run.error ?? (run.status === 'CANCELLED' ? 'The run was canceled.' : 'The run failed.'));
    this.run = run;
  }
}

/** Published workflows by name. All of it throws HeddleError, and the reason of the signal where that aborts. */
export interface HeddleClient<Workflows extends Readonly<Record<string, WorkflowTypes>>> {
  /** Starts a run; it is durable when this resolves. */
  start<Slug extends keyof Workflows & string>(
    slug: Slug,
    inputs: Workflows[Slug]['inputs'],
    options?: StartOptions,
  ): Promise<Run<Workflows[Slug]['outputs']>>;
  /** Starts a run, waits for its end and gives its outputs. Throws RunFailedError where it does not complete. */
  run<Slug extends keyof Workflows & string>(
    slug: Slug,
    inputs: Workflows[Slug]['inputs'],
    options?: StartOptions,
  ): Promise<Partial<Workflows[Slug]['outputs']>>;
  /** A run as it is now. */
  read<Outputs = AnyWorkflow['outputs']>(runId: string, options?: Pick<FollowOptions, 'signal'>): Promise<Run<Outputs>>;
  /** A run as it is at its end, whatever that is. */
  wait<Outputs = AnyWorkflow['outputs']>(runId: string, options?: Pick<FollowOptions, 'signal'>): Promise<Run<Outputs>>;
  /** What happens in a run, to its end; goes on by itself where a stream breaks. */
  events<Outputs = AnyWorkflow['outputs']>(runId: string, options?: FollowOptions): AsyncGenerator<RunEvent<Outputs>>;
  /** Ends a run that is under way. */
  cancel(runId: string): Promise<void>;
  /** Uploads a file to be given to several runs. `name`: default that of the file. */
  upload(file: Blob, name?: string): Promise<UploadedFile>;
  /** The content of a file that a workflow has put out, or of an uploaded one. */
  download(file: Pick<FileReference, 'url'>, options?: Pick<FollowOptions, 'signal'>): Promise<Blob>;
  /** The OpenAPI document of a workflow. `version`: default that which is live. */
  contract(slug: keyof Workflows & string, version?: number): Promise<object>;
}

/** A start or a stream is tried so often in a row. */
const maxTries = 6;
/** Milliseconds before the second try; doubled each time. */
const firstPauseMs = 250;
const longestPauseMs = 8_000;

/** A client for the published workflows of one server. */
export function createClient<Workflows extends Readonly<Record<string, WorkflowTypes>> = Record<string, AnyWorkflow>>({
  server,
  apiKey,
  workspaceId,
  fetch = globalThis.fetch,
}: ClientOptions): HeddleClient<Workflows> {
  const base = server.replace(/\/+$/, '');

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`);
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, { ...init, headers });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw new HeddleError(`The server at ${base} cannot be reached.`, { status: 0, code: 'NETWORK', cause });
    }
    if (response.ok) return response;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const problem: unknown = await response.json().catch(() => null);
    throw errorOf(response.status, problem, Number.isFinite(seconds) ? seconds : null);
  }

  const json = async <Body>(path: string, init?: RequestInit): Promise<Body> =>
    (await (await send(path, init)).json()) as Body;

  /** Tries again while that may help. */
  async function insist<Result>(signal: AbortSignal | undefined, attempt: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof HeddleError) || !error.isPassing || tries >= maxTries) throw error;
        await pause(tries, error.retryAfter, signal);
      }
    }
  }

  async function* events<Outputs>(
    runId: string,
    { after = 0, signal }: FollowOptions = {},
  ): AsyncGenerator<RunEvent<Outputs>> {
    let last = after;
    for (let tries = 1; ; tries += 1) {
      try {
        const headers = { accept: 'text/event-stream', 'last-event-id': String(last) };
        const { body } = await send(`/api/runs/${encodeURIComponent(runId)}/events`, { headers, ...signalOf(signal) });
        for await (const { name, id, data } of body === null ? [] : readStream(body)) {
          tries = 0;
          const value = JSON.parse(data) as object;
          if (name === 'error') throw errorOf(Number((value as { status?: unknown }).status ?? 500), value);
          if (name === 'done') {
            yield { type: 'done', run: value as Run<Outputs> };
            return;
          }
          if (id !== null) last = Number(id);
          yield value as RunEvent<Outputs>;
        }
      } catch (error) {
        signal?.throwIfAborted();
        const isBroken = !(error instanceof HeddleError) && error instanceof TypeError;
        if (!isBroken && !(error instanceof HeddleError && error.isPassing)) throw error;
        if (tries >= maxTries) throw error;
        await pause(Math.max(1, tries), error instanceof HeddleError ? error.retryAfter : null, signal);
        continue;
      }
      // It ended without the end of the run: the server restarts, or streams are renewed after a while.
      await pause(Math.max(1, tries), null, signal);
    }
  }

  async function wait<Outputs>(runId: string, { signal }: FollowOptions = {}): Promise<Run<Outputs>> {
    for await (const event of events<Outputs>(runId, { signal })) if (event.type === 'done') return event.run;
    throw new Error('A stream of events ended without the end of its run.');
  }

  const start: HeddleClient<Workflows>['start'] = (slug, inputs, options = {}) => {
    const { version, useCache, idempotencyKey = crypto.randomUUID(), signal } = options;
    const query = version === undefined ? '' : `?version=${version}`;
    const { body, headers } = bodyOf(inputs, useCache);
    return insist(signal, () =>
      json(`/api/w/${encodeURIComponent(slug)}/run${query}`, {
        method: 'POST',
        body,
        headers: { ...headers, 'idempotency-key': idempotencyKey },
        ...signalOf(signal),
      }),
    );
  };

  return {
    start,
    run: async (slug, inputs, options) => {
      const { id } = await start(slug, inputs, options);
      const run = await wait<Workflows[typeof slug]['outputs']>(id, options);
      if (run.status !== 'COMPLETED') throw new RunFailedError(run as Run);
      return run.outputs;
    },
    read: (runId, { signal } = {}) =>
      insist(signal, () => json(`/api/runs/${encodeURIComponent(runId)}`, signalOf(signal))),
    wait,
    events,
    cancel: async (runId) => {
      await send(`/api/runs/${encodeURIComponent(runId)}/cancel`, { method: 'POST' });
    },
    upload: (file, name) => {
      const form = new FormData();
      form.append('file', file, name ?? nameOf(file));
      return json(`/api/assets${workspaceId === undefined ? '' : `?workspaceId=${encodeURIComponent(workspaceId)}`}`, {
        method: 'POST',
        body: form,
      });
    },
    download: async ({ url }, { signal } = {}) => {
      // A key must not follow an address to another host.
      if (!url.startsWith('/')) throw new TypeError(`${url} is no path on the server. Fetch it from where it is.`);
      return (await send(url, signalOf(signal))).blob();
    },
    contract: (slug, version) =>
      json(`/api/w/${encodeURIComponent(slug)}/openapi.json${version === undefined ? '' : `?version=${version}`}`),
  };
}

/** With files among the inputs a form, else JSON. */
function bodyOf(
  inputs: object,
  useCache: boolean | undefined,
): { body: FormData | string; headers: Record<string, string> } {
  const entries = Object.entries(inputs).filter(([, value]) => value !== undefined);
  const isFiles = (value: unknown) => (Array.isArray(value) ? value : [value]).some((one) => one instanceof Blob);
  if (!entries.some(([, value]) => isFiles(value))) {
    const body = JSON.stringify({ inputs: Object.fromEntries(entries), ...(useCache !== undefined && { useCache }) });
    return { body, headers: { 'content-type': 'application/json' } };
  }
  if (useCache !== undefined)
    throw new TypeError('With files among the inputs, leave useCache out; or upload them first.');
  const form = new FormData();
  form.append('inputs', JSON.stringify(Object.fromEntries(entries.filter(([, value]) => !isFiles(value)))));
  for (const [name, value] of entries.filter(([, each]) => isFiles(each))) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one instanceof Blob) form.append(name, one, nameOf(one));
      else form.append(name, String(one));
    }
  }
  return { body: form, headers: {} };
}

function nameOf(file: Blob): string {
  return 'name' in file && typeof file.name === 'string' && file.name !== '' ? file.name : 'file';
}

function signalOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Longer after each try, and as long as the server asks for. */
function pause(tries: number, retryAfter: number | null, signal: AbortSignal | undefined): Promise<void> {
  const ms = Math.min(longestPauseMs, Math.max((retryAfter ?? 0) * 1_000, firstPauseMs * 2 ** (tries - 1)));
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
