import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';

interface Prompt {
  readonly id: string;
  readonly number: number;
  readonly graph: unknown;
  readonly clientId: unknown;
}

/**
 * A ComfyUI server on 127.0.0.1 with its habits: one prompt at a time, a history in memory that a restart takes away, an
 * interrupt of whatever is being worked on, and a WebSocket that drops whoever connects. Stop it in `afterAll`.
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
  server.on('upgrade', (_request, socket) => socket.destroy());
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
    refuse: (message) => {
      refusal = message;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
