import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A video that was asked for. */
export interface FakeVideo {
  readonly id: string;
  readonly idempotencyKey: string | null;
  readonly contentType: string;
  readonly body: string;
}

export type FakeVideoState =
  | { readonly kind: 'under-way'; readonly percent?: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  /** Kept back under the provider's rules. */
  | { readonly kind: 'withheld'; readonly reason: string }
  /** Not known any more, as after two days. */
  | { readonly kind: 'lost' };

/**
 * A provider of videos on 127.0.0.1: OpenAI's `/v1/videos`, and Gemini's long-running operations. It makes one video for
 * each request that it gets, as both do, whatever key comes along; unless the first is to keep to keys. Stop it in `afterAll`.
 */
export interface FakeVideos {
  readonly url: string;
  readonly made: readonly FakeVideo[];
  /** Ids, each time that the state was asked for, the file was fetched, or the job was told to stop. */
  readonly asked: readonly string[];
  readonly fetched: readonly string[];
  readonly cancelled: readonly string[];
  /** How all jobs stand from now on, or one of them. */
  stands(state: FakeVideoState, id?: string): void;
  /** A request to `/v1/videos` with an `Idempotency-Key` that came before is answered with the video of that one. */
  keepsToKeys(does: boolean): void;
  /** The next requests are refused with a status, in turn. */
  refuses(...statuses: readonly number[]): void;
  /** Whether files that are done are given, or refused with 403. */
  gives(files: boolean): void;
  reset(): void;
  stop(): Promise<void>;
}

export async function startFakeVideos(film: Uint8Array): Promise<FakeVideos> {
  const made: FakeVideo[] = [];
  const asked: string[] = [];
  const fetched: string[] = [];
  const cancelled: string[] = [];
  const states = new Map<string, FakeVideoState>();
  let standing: FakeVideoState = { kind: 'under-way' };
  let refusals: number[] = [];
  let givesFiles = true;
  let isKeepingToKeys = false;
  let url = '';
  const stateOf = (id: string): FakeVideoState => states.get(id) ?? standing;

  function create(request: IncomingMessage, body: string, mayRepeat: boolean): FakeVideo {
    const key = request.headers['idempotency-key'];
    const before = made.find(({ idempotencyKey }) => idempotencyKey === key);
    if (isKeepingToKeys && mayRepeat && before !== undefined) return before;
    const video = {
      id: `video_${made.length + 1}`,
      idempotencyKey: typeof key === 'string' ? key : null,
      contentType: request.headers['content-type'] ?? '',
      body,
    };
    made.push(video);
    return video;
  }

  const notFound = { status: 404, json: { error: { code: 404, message: 'Not found.', status: 'NOT_FOUND' } } };

  const refused = { status: 403, json: { error: { code: 403, message: 'Not now.', status: 'PERMISSION_DENIED' } } };

  function openAi(method: string, id: string | undefined, isContent: boolean, create_: () => FakeVideo): Answer {
    if (method === 'POST') return { json: { id: create_().id, object: 'video', status: 'queued', progress: 0 } };
    if (id === undefined || !made.some((video) => video.id === id)) return notFound;
    const state = stateOf(id);
    if (method === 'DELETE') {
      cancelled.push(id);
      return { json: { id, object: 'video.deleted', deleted: true } };
    }
    if (isContent) {
      fetched.push(id);
      return state.kind !== 'done' ? notFound : givesFiles ? { film: true } : refused;
    }
    asked.push(id);
    const video = { id, object: 'video', model: 'sora-2', seconds: '4', size: '1280x720' };
    switch (state.kind) {
      case 'lost':
        return notFound;
      case 'under-way':
        return { json: { ...video, status: 'in_progress', progress: state.percent ?? 0, error: null } };
      case 'done':
        return { json: { ...video, status: 'completed', progress: 100, error: null } };
      case 'failed':
        return { json: { ...video, status: 'failed', error: { code: state.code, message: state.message } } };
      case 'withheld':
        return { json: { ...video, status: 'failed', error: { code: 'moderation_blocked', message: state.reason } } };
    }
  }

  function gemini(path: string, create_: () => FakeVideo): Answer {
    const model = /^\/v1beta\/models\/([\w.-]+):predictLongRunning$/.exec(path)?.[1];
    if (model !== undefined) return { json: { name: `models/${model}/operations/${create_().id}` } };
    const file = /^\/v1beta\/files\/([\w-]+):download\?alt=media$/.exec(path)?.[1]?.replaceAll('-', '_');
    if (file !== undefined) {
      fetched.push(file);
      return stateOf(file).kind !== 'done' ? notFound : givesFiles ? { film: true } : refused;
    }
    const operation = /^\/v1beta\/(models\/[\w.-]+\/operations\/([\w-]+))(:cancel)?$/.exec(path);
    const [, name, id = '', cancel] = operation ?? [];
    if (operation === null || !made.some((video) => video.id === id)) return notFound;
    if (cancel !== undefined) {
      cancelled.push(id);
      return { json: {} };
    }
    asked.push(id);
    const state = stateOf(id);
    const response = (more: object) => ({ json: { name, done: true, response: { generateVideoResponse: more } } });
    switch (state.kind) {
      case 'lost':
        return notFound;
      case 'under-way':
        return { json: { name } };
      case 'done':
        return response({
          generatedSamples: [{ video: { uri: `${url}/v1beta/files/${id.replaceAll('_', '-')}:download?alt=media` } }],
        });
      case 'failed':
        return { json: { name, done: true, error: { code: 13, message: state.message } } };
      case 'withheld':
        return response({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: [state.reason] });
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url: path = '' } = request;
      const status = refusals.shift();
      if (status !== undefined) return reply(response, { status, json: { error: { message: 'Refused as told.' } } });
      const own = /^\/v1\/videos(?:\/([\w-]+)(\/content)?)?$/.exec(path);
      const create_ = () => create(request, Buffer.concat(chunks).toString('latin1'), own !== null);
      const answer = own === null ? gemini(path, create_) : openAi(method, own[1], own[2] !== undefined, create_);
      reply(response, answer);
    });
  });

  function reply(response: ServerResponse, answer: Answer): void {
    if ('film' in answer) response.writeHead(200, { 'content-type': 'video/mp4' }).end(film);
    else
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    made,
    asked,
    fetched,
    cancelled,
    stands: (state, id) => {
      if (id === undefined) standing = state;
      else states.set(id, state);
    },
    keepsToKeys: (does) => {
      isKeepingToKeys = does;
    },
    refuses: (...statuses) => {
      refusals = [...statuses];
    },
    gives: (files) => {
      givesFiles = files;
    },
    reset: () => {
      givesFiles = true;
      for (const list of [made, asked, fetched, cancelled]) list.length = 0;
      states.clear();
      standing = { kind: 'under-way' };
      refusals = [];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Answer = { readonly status?: number; readonly json: object } | { readonly film: true };
