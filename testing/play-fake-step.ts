import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeCall, FakeErrorStep, FakeImage, FakePrompt, FakeStep, FakeUsage, FakeWire } from './fake-steps.ts';

interface Play {
  readonly wire: FakeWire;
  readonly step: FakeStep;
  readonly prompt: FakePrompt;
  readonly call: FakeCall;
  readonly response: ServerResponse;
}

/** Serves one step as the answer to one request for text. */
export async function playStep(play: Play): Promise<void> {
  const { wire, step, prompt, call, response } = play;
  switch (step.kind) {
    case 'error':
      return sendError(wire, step, response);
    case 'raw':
      response.writeHead(step.status ?? 200, { 'content-type': step.contentType ?? 'text/event-stream' });
      response.end(step.body);
      return;
    case 'events':
      return sendAll(response, step.events);
    case 'blocked':
      return sendAll(response, wire.blockedEvents(prompt, step.reason));
    case 'answer':
      return answer(play, step);
    case 'hang':
      return sendTexts(play, step.chunks ?? []);
    case 'cut':
      await sendTexts(play, step.chunks ?? []);
      call.endedBy = 'server';
      response.destroy();
      return;
    case 'endless':
      while (!response.destroyed) {
        sendEvent(response, wire.textEvent(prompt, step.chunk, step.asThought ?? false));
        if (response.writableNeedDrain) await canGoOn(response);
      }
  }
}

async function answer({ wire, prompt, response }: Play, step: Extract<FakeStep, { kind: 'answer' }>): Promise<void> {
  for (const [name, value] of Object.entries(step.headers ?? {})) response.setHeader(name, value);
  const chunks = step.chunks ?? chunksOf(defaultAnswer(prompt));
  const thoughts = step.thoughts ?? [];
  const finishReason = step.finishReason === undefined ? wire.normalFinish : step.finishReason;
  const usage = step.usage === undefined ? countTokens(prompt, chunks, thoughts) : step.usage;
  if (!prompt.stream) {
    return sendJson(response, 200, wire.document(prompt, chunks.join(''), finishReason, usage));
  }
  for (const thought of thoughts) sendEvent(response, wire.textEvent(prompt, thought, true));
  for (const [index, chunk] of chunks.entries()) {
    if (step.chunkDelayMs) await sleep(step.chunkDelayMs);
    await step.beforeChunk?.(index);
    if (response.destroyed) return;
    sendEvent(response, wire.textEvent(prompt, chunk, false));
  }
  sendAll(response, wire.endEvents(prompt, finishReason, usage));
}

/** Waits until the client has taken what was written, or is gone. */
async function canGoOn(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

/** Waits until the texts left the process, so that a connection cut afterwards does not swallow them. */
async function sendTexts({ wire, prompt, response }: Play, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await new Promise<void>((sent) => sendEvent(response, wire.textEvent(prompt, text, false), sent));
  }
}

function sendAll(response: ServerResponse, events: readonly unknown[]): void {
  for (const event of events) sendEvent(response, event);
  response.end();
}

function sendEvent(response: ServerResponse, event: unknown, sent?: () => void): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\r\n\r\n`, () => sent?.());
}

export function sendError(wire: FakeWire, step: FakeErrorStep, response: ServerResponse): void {
  for (const [name, value] of Object.entries(step.headers ?? {})) response.setHeader(name, value);
  sendJson(response, step.status, wire.errorBody(step));
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(body));
}

/** The same request always gets the same answer, and a different one another. */
function defaultAnswer({ system, user, images }: FakePrompt): string {
  const told = system === '' ? '' : `, as told "${system}"`;
  const seen = images.length === 0 ? '' : `, seeing ${images.map((image) => image.sha256.slice(0, 8)).join(' ')}`;
  return `answer to "${user}"${told}${seen}`;
}

/** Pieces of a word or two, as a model would send them. */
function chunksOf(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [text];
}

/** Four characters a token and 258 tokens a picture, as Gemini counts small ones. */
function countTokens(prompt: FakePrompt, chunks: readonly string[], thoughts: readonly string[]): FakeUsage {
  const tokens = (text: string): number => Math.ceil(text.length / 4);
  return {
    inputTokens: tokens(prompt.system + prompt.user) + 258 * prompt.images.length,
    outputTokens: tokens(chunks.join('')),
    ...(thoughts.length === 0 ? {} : { thinkingTokens: tokens(thoughts.join('')) }),
  };
}

/** A picture as it came over the wire. */
export function readFakeImage(mimeType: string, base64: string): FakeImage {
  const bytes = Buffer.from(base64, 'base64');
  return { mimeType, base64, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
