import { networkError, refusalError, type ErrorSubject } from './errors.ts';
import { geminiErrorSchema, geminiModelsSchema, readErrorDetails } from './gemini-wire.ts';
import { networkReason, parseJson, readStart } from './http-body.ts';
import type { ProviderModel } from './provider.ts';
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
}): Promise<readonly ProviderModel[]> {
  const models: ProviderModel[] = [];
  let pageToken: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const parsed = geminiModelsSchema.safeParse(await readPage(options, pageToken));
    if (!parsed.success) throw networkError(options.subject, { kind: 'unreadable' });
    for (const model of parsed.data.models) {
      if (model.supportedGenerationMethods?.includes('generateContent') === false) continue;
      const id = model.name.replace(/^models\//, '');
      models.push({ id, title: model.displayName ?? id });
    }
    pageToken = parsed.data.nextPageToken;
    if (!pageToken) break;
  }
  return models;
}

async function readPage(
  { baseUrl, apiKey, subject, signal }: Parameters<typeof listGeminiModels>[0],
  pageToken: string | undefined,
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
  const body = parseJson(await readStart(response, maxPageBytes));
  if (response.ok) return body;
  if (response.status < 400) throw networkError(subject, { kind: 'unreadable' });
  const failure = geminiErrorSchema.safeParse(body);
  const { retryAfterMs, isBadKey } = readErrorDetails(failure.data?.error.details ?? []);
  throw refusalError(subject, {
    status: response.status,
    explanation: redactExplanation(failure.data?.error.message ?? '', { secrets: [apiKey], contents: [] }),
    retryAfterMs,
    ...(isBadKey ? { kind: 'bad-key' } : {}),
  });
}
