import { parseBaseUrl, urlText } from './settings.ts';

/** Ends of addresses that people copy along: what stands behind the base in a server's documentation. */
const endpoint =
  /\/(?:chat\/completions|completions|models|embeddings|responses|messages|api\/(?:chat|generate|tags|version))$/i;

/**
 * The bases under which an OpenAI-compatible server may answer, in the order in
 * which they are tried. An endpoint at the end is taken off. Where the path
 * names no version, `/v1` is added; a path of its own may be meant as it is,
 * and is tried first. Throws PROVIDER_NOT_CONFIGURED naming `variable`.
 */
export function openAiBases(given: string, variable: string): readonly string[] {
  const url = parseBaseUrl(given, variable);
  url.pathname = url.pathname
    .replaceAll(/\/{2,}/g, '/')
    .replace(/\/+$/, '')
    .replace(endpoint, '');
  const base = urlText(url);
  if (/\/v\d/i.test(url.pathname)) return [base];
  return url.pathname === '/' ? [`${base}/v1`] : [base, `${base}/v1`];
}

/** The base of a Gemini service, without the version and what people copy along behind it. */
export function geminiBase(given: string, variable: string): string {
  const url = parseBaseUrl(given, variable);
  url.pathname = url.pathname.replaceAll(/\/{2,}/g, '/').replace(/\/v1(?:beta|alpha)?\d*(?:\/.*)?$/i, '');
  return urlText(url);
}
