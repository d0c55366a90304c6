import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash, randomUUID } from 'node:crypto';

interface Prompt {
  readonly id: string;
  readonly number: number;
  readonly graph: unknown;
  readonly clientId: unknown;
}

/**
 * A ComfyUI server on 127.0.0.1 with its habits: one prompt at a time, a history in memory that a restart takes away, an
 * interrupt of whatever is being worked on, and a WebSocket that tells a client how far its prompt is, or drops whoever
 * connects. Stop it in `afterAll`.
 */
export interface FakeComfy {
  readonly url: string;
  readonly host: string;
  readonly prompts: readonly Prompt[];
  /** Names of the files that were uploaded, each time. */
  readonly uploads: readonly string[];
  /** Ids of prompts that an interrupt has hit. */
  readonly interrupted: readonly string[];
  /** Somebody else's prompt comes into the line. */
  add(): string;
  /** The one that is being worked on is done; the next one begins. */
  finish(outputs: Readonly<Record<string, unknown>>): void;
  /** The same, with an error. */
  fail(node: string, message: string): void;
  /** Line and history are gone. */
  restart(): void;
  /** Whether an interrupt looks at the id that it is given, and ids of clients are taken, as newer servers do. */
  isNew(value: boolean): void;
  /**
   * What a client hears that connects while its prompt is being worked on, in order: events by their type, pictures as
   * bytes. Null, as at first: it is dropped.
   */
  tells(events: readonly (Uint8Array | { readonly type: string; readonly data: object })[] | null): void;
  /** Refuses the next prompt, as for a model that is not there. */
  refuse(message: string): void;
  stop(): Promise<void>;
}

export async function startFakeComfy(file: Uint8Array): Promise<FakeComfy> {
  const prompts: Prompt[] = [];
  const uploads: string[] = [];
  const interrupted: string[] = [];
  const inputs = new Set<string>();
  let line: Prompt[] = [];
  let history: Record<string, unknown> = {};
  let isNew = true;
  let refusal: string | null = null;
  let told: Parameters<FakeComfy['tells']>[0] = null;

  const tuple = ({ id, number, graph, clientId }: Prompt) => [number, id, graph, { client_id: clientId }, ['9']];
  function enter(prompt: Prompt): void {
    prompts.push(prompt);
    line.push(prompt);
  }
  function end(status: object, outputs: object): void {
    const [done] = line;
    line = line.slice(1);
    if (done !== undefined) history[done.id] = { prompt: tuple(done), outputs, status };
  }
  const interruptRunning = (): void => {
    const [running] = line;
    if (running === undefined) return;
    interrupted.push(running.id);
    end(
      { status_str: 'error', completed: false, messages: [['execution_interrupted', { prompt_id: running.id }]] },
      {},
    );
  };

  function answer(request: IncomingMessage, body: Buffer): { status?: number; json?: unknown; file?: true } {
    const { method, url = '' } = request;
    const { pathname, searchParams } = new URL(url, 'http://fake');
    const document = () => JSON.parse(body.toString()) as Record<string, unknown>;
    if (pathname === '/queue' && method === 'GET')
      return { json: { queue_running: line.slice(0, 1).map(tuple), queue_pending: line.slice(1).map(tuple) } };
    if (pathname === '/queue') {
      const gone = new Set(document()['delete'] as string[]);
      // What is being worked on is not in the line any more.
      line = line.filter(({ id }, index) => index === 0 || !gone.has(id));
      return { json: {} };
    }
    if (pathname === '/interrupt') {
      const wanted = document()['prompt_id'];
      if (!isNew || wanted === undefined || line[0]?.id === wanted) interruptRunning();
      return { json: {} };
    }
    if (pathname === '/prompt') {
      const { prompt, prompt_id: own, client_id: clientId } = document();
      if (refusal !== null) {
        const message = refusal;
        refusal = null;
        return {
          status: 400,
          json: {
            error: {
              type: 'prompt_outputs_failed_validation',
              message: 'Prompt outputs failed validation',
              details: '',
            },
            node_errors: { '4': { errors: [{ message, details: 'ckpt_name' }], class_type: 'CheckpointLoaderSimple' } },
          },
        };
      }
      const id = isNew && typeof own === 'string' ? own : randomUUID();
      enter({ id, number: prompts.length, graph: prompt, clientId });
      return { json: { prompt_id: id, number: prompts.length, node_errors: {} } };
    }
    if (pathname.startsWith('/history/')) {
      const id = pathname.slice('/history/'.length);
      return { json: id in history ? { [id]: history[id] } : {} };
    }
    if (pathname === '/upload/image') {
      const name = /filename="([^"]+)"/.exec(body.toString('latin1'))?.[1] ?? '';
      uploads.push(name);
      inputs.add(name);
      return { json: { name, subfolder: '', type: 'input' } };
    }
    if (pathname === '/view') {
      const isThere = searchParams.get('type') !== 'input' || inputs.has(searchParams.get('filename') ?? '');
      return isThere ? { file: true } : { status: 404, json: {} };
    }
    return { status: 404, json: {} };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status = 200, json, file: isFile } = answer(request, Buffer.concat(chunks));
      if (isFile) response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(file);
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  server.on('upgrade', (request, socket) => {
    if (told === null) return void socket.destroy();
    const clientId = new URL(request.url ?? '', 'http://fake').searchParams.get('clientId');
    const isOwn = line[0] !== undefined && line[0].clientId === clientId;
    const status = { type: 'status', data: { status: { exec_info: { queue_remaining: line.length } }, sid: clientId } };
    // Of a client that comes back, the node that is being worked on; to others it tells of the line alone.
    const own = isOwn ? [{ type: 'executing', data: { node: '3', prompt_id: line[0]!.id } }, ...told] : [];
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end());
    socket.write(handshakeOf(request));
    for (const event of [status, ...own]) socket.write(frameOf(event));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    prompts,
    uploads,
    interrupted,
    add: () => {
      const id = randomUUID();
      enter({ id, number: prompts.length, graph: {}, clientId: 'somebody' });
      return id;
    },
    finish: (outputs) => end({ status_str: 'success', completed: true, messages: [] }, outputs),
    fail: (node, message) =>
      end(
        {
          status_str: 'error',
          completed: false,
          messages: [
            [
              'execution_error',
              { node_id: node, node_type: 'KSampler', exception_message: message, exception_type: 'E' },
            ],
          ],
        },
        {},
      ),
    restart: () => {
      line = [];
      history = {};
    },
    isNew: (value) => {
      isNew = value;
    },
    tells: (events) => {
      told = events;
    },
    refuse: (message) => {
      refusal = message;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** RFC 6455, 1.3: the key of the client with a text that everybody knows. */
function handshakeOf({ headers }: IncomingMessage): string {
  const key = `${headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accepted = createHash('sha1').update(key).digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accepted}`,
    '',
    '',
  ].join('\r\n');
}

/** One whole message of a server (RFC 6455, 5.2): a text, or bytes. */
function frameOf(message: object): Buffer {
  const isBinary = message instanceof Uint8Array;
  const body = isBinary ? Buffer.from(message) : Buffer.from(JSON.stringify(message));
  const first = isBinary ? 0x82 : 0x81;
  // A length of 126 stands for two bytes that follow.
  const head = body.length < 126 ? [first, body.length] : [first, 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}
