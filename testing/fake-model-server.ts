import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeCall, FakeStep, FakeWire } from './fake-steps.ts';
import { playStep, sendError, sendJson } from './play-fake-step.ts';

/**
 * A fake provider on 127.0.0.1. Requests for text take the queued steps one by
 * one, then the standing step. By hand or from another process it is scripted
 * over HTTP: `POST /__script` takes a list of steps, `POST /__standing` one
 * step, `GET /__calls` shows what came, `DELETE /__calls` resets everything.
 */
export class FakeModelServer {
  /** Every recorded request, oldest first. */
  readonly calls: FakeCall[] = [];
  readonly #wire: FakeWire;
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #queued: FakeStep[] = [];
  #standing: FakeStep = { kind: 'answer' };
  #url = '';

  constructor(wire: FakeWire) {
    this.#wire = wire;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Port 0 takes any free one. */
  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks what is open and waits until the port is free. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Without a slash at the end; stays the same after the server was stopped. */
  get url(): string {
    return this.#url;
  }

  /** The requests for text. */
  get prompts(): FakeCall[] {
    return this.calls.filter(({ prompt }) => prompt !== null);
  }

  /** Queues steps; each request for text takes one. */
  script(...steps: readonly FakeStep[]): void {
    this.#queued.push(...steps);
  }

  /** What is served when no step is queued. A plain answer unless said otherwise. */
  standing(step: FakeStep): void {
    this.#standing = step;
  }

  /** Forgets calls, queued steps and the standing step. */
  reset(): void {
    this.calls.length = 0;
    this.#queued = [];
    this.#standing = { kind: 'answer' };
  }

  /** Resolves as soon as the recorded calls meet a condition; looked at after every change. */
  async until(condition: (calls: readonly FakeCall[]) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition(this.calls)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const body = await readJson(request);
    if (url.pathname.startsWith('/__')) {
      this.#control(`${request.method} ${url.pathname}`, body, response);
      return;
    }
    const call = this.#record(request, url, body);
    response.on('close', () => {
      call.endedBy ??= response.writableFinished ? 'server' : 'client';
      this.#changed();
    });
    this.#changed();

    const wire = this.#wire;
    if (!call.keyWasRight) {
      sendError(wire, wire.badKey, response);
    } else if (call.prompt === null) {
      const other = wire.otherBody(url);
      if (other === null) sendError(wire, { kind: 'error', status: 404, message: 'Not found.' }, response);
      else sendJson(response, 200, other);
    } else {
      await playStep({ wire, step: this.#queued.shift() ?? this.#standing, prompt: call.prompt, call, response });
    }
  }

  #record(request: IncomingMessage, url: URL, body: unknown): FakeCall {
    const { method = 'GET', headers } = request;
    const idempotencyKey = headers['idempotency-key'];
    const call: FakeCall = {
      method,
      url: request.url ?? '/',
      headers,
      keyWasRight: this.#wire.isKeyRight(headers),
      idempotencyKey: typeof idempotencyKey === 'string' ? idempotencyKey : null,
      body,
      prompt: this.#wire.readPrompt(url, body),
      endedBy: null,
    };
    this.calls.push(call);
    return call;
  }

  #control(request: string, body: unknown, response: ServerResponse): void {
    if (request === 'GET /__calls') return sendJson(response, 200, this.calls);
    if (request === 'POST /__script') this.script(...(body as FakeStep[]));
    else if (request === 'POST /__standing') this.standing(body as FakeStep);
    else if (request === 'DELETE /__calls') this.reset();
    else return sendJson(response, 404, { error: 'unknown control request' });
    return sendJson(response, 200, {});
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  request.setEncoding('utf8');
  for await (const piece of request) text += String(piece);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
