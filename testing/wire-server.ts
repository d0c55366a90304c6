import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A piece of a body: text, bytes, a wait, or many letters between two texts. */
export type WirePiece =
  | string
  | { readonly base64: string }
  | { readonly wait: number }
  | { readonly before: string; readonly big: number; readonly after: string };

/** What one request gets; the first rule of a script whose `when` fits answers. */
export interface WireRule {
  readonly when?: { readonly call?: number; readonly has?: string; readonly missing?: string; readonly role?: string };
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly send?: readonly WirePiece[];
  /** Sent before `send`. */
  readonly repeat?: { readonly times: number; readonly send: readonly WirePiece[] };
  /** Default: close. */
  readonly end?: 'close' | 'reset' | 'hang';
}

export interface WireRequest {
  readonly url: string;
  readonly body: unknown;
}

/** A server on 127.0.0.1 that answers every POST by a script, byte by byte as written there. */
export class WireServer {
  readonly requests: WireRequest[] = [];
  /** Resolves when the client closed a connection before its answer was over. */
  readonly closedByClient: Promise<void>;
  #script: readonly WireRule[] = [];
  #list: unknown = null;
  #tellClosed: () => void = () => {};
  readonly #server: Server;

  constructor() {
    this.closedByClient = new Promise((resolve) => (this.#tellClosed = resolve));
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets the requests so far. `list` answers every GET. */
  play(script: readonly WireRule[], list: unknown = null): void {
    this.requests.length = 0;
    this.#script = script;
    this.#list = list;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await request.setEncoding('utf8').reduce((all, piece) => all + String(piece), '');
    const body: unknown = text === '' ? null : JSON.parse(text);
    this.requests.push({ url: request.url ?? '', body });
    const rule =
      request.method === 'GET'
        ? { body: this.#list }
        : this.#script.find(({ when }) => fits(when, body, this.requests.length));
    response.on('close', () => {
      if (!response.writableFinished) this.#tellClosed();
    });
    await answer(rule ?? { status: 500, body: { error: { message: 'the script has no answer' } } }, response);
  }
}

function fits(when: WireRule['when'] = {}, body: unknown, call: number): boolean {
  const { messages = [] } = (body ?? {}) as { messages?: readonly { role: string }[] };
  return (
    (when.call === undefined || when.call === call) &&
    (when.has === undefined || hasField(body, when.has)) &&
    (when.missing === undefined || !hasField(body, when.missing)) &&
    (when.role === undefined || messages.some(({ role }) => role === when.role))
  );
}

function hasField(body: unknown, path: string): boolean {
  let value = body;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return value !== undefined;
}

async function answer(rule: WireRule, response: ServerResponse): Promise<void> {
  const repeated = Array.from({ length: rule.repeat?.times ?? 0 }, () => rule.repeat?.send ?? []).flat();
  const whole = typeof rule.body === 'string' ? rule.body : JSON.stringify(rule.body);
  const pieces = [...repeated, ...(rule.body === undefined ? (rule.send ?? []) : [whole])];
  response.writeHead(rule.status ?? 200, { 'content-type': 'text/event-stream', ...rule.headers });
  response.flushHeaders();
  for (const piece of pieces) {
    for (const part of partsOf(piece)) {
      if (response.destroyed) return;
      await new Promise<void>((sent) => response.write(part, () => sent()));
      // A turn of the loop, so that pieces go out one by one.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (rule.end === 'hang') return;
  if (rule.end === 'reset') response.socket?.resetAndDestroy();
  else response.end();
}

/** Time does not pass in tests: a wait is nothing, and its length is looked at elsewhere. */
function partsOf(piece: WirePiece): readonly (string | Buffer)[] {
  if (typeof piece === 'string') return [piece];
  if ('wait' in piece) return [];
  if ('base64' in piece) return [Buffer.from(piece.base64, 'base64')];
  const text = piece.before + 'A'.repeat(piece.big) + piece.after;
  return Array.from({ length: Math.ceil(text.length / 65_536) }, (_, index) =>
    text.slice(index * 65_536, (index + 1) * 65_536),
  );
}
