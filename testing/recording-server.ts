import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What becomes of a request: a document, bytes, or whatever else is done with the answer. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json: unknown }
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly bytes: Uint8Array }
  | ((response: ServerResponse, request: RecordedRequest) => void);

/** A server on an address of this machine that records what comes, and replies as it is told. */
export interface RecordingServer {
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Replies to the next requests, in order; the last one stays. */
  replies(...replies: readonly Reply[]): void;
  /** A request's body: JSON as it is, the parts of a form by name. */
  bodyOf(request: RecordedRequest | undefined): Promise<unknown>;
  reset(): void;
  stop(): Promise<void>;
}

export async function startRecordingServer(host = '127.0.0.1'): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  let queue: Reply[] = [];
  const server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      const reply = queue.length > 1 ? queue.shift() : queue[0];
      if (reply === undefined) response.writeHead(404).end();
      else if (typeof reply === 'function') reply(response, request);
      else if ('json' in reply) {
        response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
        response.end(JSON.stringify(reply.json));
      } else response.writeHead(reply.status ?? 200, { ...reply.headers }).end(reply.bytes);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    requests,
    replies: (...replies) => {
      queue = [...replies];
    },
    async bodyOf(request) {
      const type = request?.headers['content-type'] ?? '';
      const bytes = new Uint8Array(request?.body ?? []);
      if (!type.startsWith('multipart/')) return JSON.parse(Buffer.from(bytes).toString()) as unknown;
      const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
      const parts: [string, unknown][] = [];
      for (const [name, value] of form) {
        parts.push([
          name,
          typeof value === 'string'
            ? value
            : { type: value.type, content: Buffer.from(await value.arrayBuffer()).toString() },
        ]);
      }
      return parts;
    },
    reset: () => {
      requests.length = 0;
      queue = [];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
