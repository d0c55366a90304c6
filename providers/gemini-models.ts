import { networkError, redirectError, refusalError, type ErrorSubject } from './errors.ts';
import { readGeminiModels } from './gemini-wire.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import type { ProviderModel } from './provider.ts';
import { readFailure } from './read-failure.ts';
import { redactExplanation } from './redact.ts';

/** A page of the list is about 100 KB; ten times that is no list of models. */
const maxPageBytes = 1024 * 1024;
/** The largest page the service gives. */
const pageSize = 1000;
/** Far more than there are models, so that a list that never ends is left. */
const maxPages = 10;

/**
 * Reads the models that can generate content. The SDK has no call for it, so
 * this one speaks HTTP itself. Throws PROVIDER_* errors.
 */
export async function listGeminiModels(options: {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly subject: ErrorSubject;
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
}): Promise<readonly ProviderModel[]> {
  const models: ProviderModel[] = [];
  let pageToken: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const read = readGeminiModels(await readPage(options, pageToken));
    if (read === null) throw networkError(options.subject, { kind: 'unreadable' });
    models.push(...read.models);
    pageToken = read.nextPageToken;
    if (!pageToken) break;
  }
  return models;
}

async function readPage(
  { baseUrl, apiKey, subject, signal, fetch }: Parameters<typeof listGeminiModels>[0],
  pageToken: string | null,
): Promise<unknown> {
  const query = new URLSearchParams({ pageSize: String(pageSize), ...(pageToken ? { pageToken } : {}) });
  let response: Response;
  try {
    response = await fetch(`${baseUrl}/v1beta/models?${query.toString()}`, {
      headers: { 'x-goog-api-key': apiKey },
      // The key must not follow a redirect to another host.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    throw networkError(subject, { kind: 'unreachable', reason: networkReason(error) });
  }
  const { status } = response;
  if (status >= 300 && status < 400) throw redirectError(subject, { status, isToHttps: false });
  const text = await readStart(response, maxPageBytes);
  if (response.ok) return parseJson(text);
  const failure = readFailure(parseJson(text) ?? text);
  throw refusalError(subject, {
    status,
    kind: failure.kind,
    explanation: redactExplanation(failure.words, { secrets: [apiKey], contents: [] }),
    retryAfterMs: failure.retryAfterMs,
  });
}
