import { RetryableError, TerminalError } from '../../../core/errors/app-error.ts';
import { maxNodeOutputBytes } from '../../../core/limits.ts';
import { defineExecutor, type ExecutionContext } from '../../../core/node-type/executor.ts';
import type { OutputValue } from '../../../core/node-type/values.ts';
import type { WebAnswer, WebRequest } from '../../../core/node-type/web-tools.ts';
import { httpNode, type HttpConfig } from './definition.ts';
import { buildRequest } from './executor-request.ts';

/** Throws what `WebTools.request` does, HTTP_FAILED for an answer of 4xx or 5xx, and HTTP_ANSWER_INVALID for no JSON. */
export const httpExecutor = defineExecutor(httpNode, async (context) => {
  const { config, web, signal } = context;
  const request = await buildRequest(context);
  return web.request(request, { timeoutMs: config.timeLimit * 1_000, signal }, async (answer) => {
    const isError = answer.status >= 400;
    if (isError && config.failOnError) throw await failureOf(answer, request);
    const output = await bodyOf(answer, context, isError);
    return { output, status: answer.status, headers: { ...answer.headers } };
  });
});

async function bodyOf(
  answer: WebAnswer,
  { config, assets, signal }: Pick<ExecutionContext<HttpConfig>, 'config' | 'assets' | 'signal'>,
  isError: boolean,
): Promise<OutputValue> {
  const isEmpty = config.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  switch (config.answer) {
    case 'text':
      return isEmpty ? '' : answer.text(maxNodeOutputBytes);
    case 'json': {
      const text = isEmpty ? '' : await answer.text(maxNodeOutputBytes);
      if (text.trim() === '') return null;
      try {
        return JSON.parse(text) as OutputValue;
      } catch {
        // What stands in an error answer is shown as it is.
        if (isError) return text;
        throw notJson(answer, text);
      }
    }
    case 'image':
    case 'video':
    case 'audio':
    case 'file':
      if (isEmpty || isError) return null;
      return assets.take(answer.body, { name: `${answer.host} answer`, kind: config.answer, signal });
  }
}

function notJson({ host, headers }: WebAnswer, text: string): TerminalError {
  const start = text.trim().replaceAll(/\s+/g, ' ').slice(0, 100);
  return new TerminalError(
    'HTTP_ANSWER_INVALID',
    `The answer of ${host} is not JSON but ${headers['content-type'] ?? 'of no named type'}: “${start}”. ` +
      'Choose "Text" or "File" as the kind of answer, or check the URL.',
    { details: { host } },
  );
}

/** Statuses after which the same request may succeed later. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

async function failureOf(answer: WebAnswer, { repeat }: WebRequest): Promise<TerminalError | RetryableError> {
  const { status, host, retryAfterMs } = answer;
  const said = await answer.words();
  const words = said === '' ? '' : ` It says: “${said}”`;
  const details = { host, status };
  // By these the service says that it has done nothing.
  const wasRefused = status === 429 || (status === 503 && retryAfterMs !== null);
  const isPassing = passing.has(status) || (status >= 500 && status !== 501 && status !== 505);
  const advice =
    status < 500 && !passing.has(status) ? 'Check the URL, the secret and the content.' : 'Try again later.';
  const message = `${host} answered with HTTP ${status}. ${advice}${words}`;
  if (isPassing && (repeat === 'always' || (repeat === 'unsent' && wasRefused))) {
    return new RetryableError('HTTP_FAILED', message, { details, ...(retryAfterMs !== null && { retryAfterMs }) });
  }
  return new TerminalError('HTTP_FAILED', message, { details });
}
