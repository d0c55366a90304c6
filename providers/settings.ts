import { TerminalError } from '../core/errors/app-error.ts';

/**
 * Checks an address from the configuration. Throws PROVIDER_NOT_CONFIGURED
 * naming `variable` where it is no plain http(s) address; the message does not
 * repeat the value, which may hold a password.
 */
export function parseBaseUrl(value: string, variable: string): URL {
  const text = value.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = problemOf(url);
  if (url === null || problem !== null) throw settingError(variable, problem ?? '');
  return url;
}

function problemOf(url: URL | null): string | null {
  if (url === null) return 'it is not a URL such as http://localhost:11434/v1';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'it must start with http:// or https://';
  if (url.username || url.password) return 'it must not hold a user name or password';
  if (url.search || url.hash) return 'it must not hold a query or fragment';
  return null;
}

/** The address as text, without a slash at the end, so that a path can be put behind it. */
export function urlText(url: URL): string {
  return url.href.replace(/\/+$/, '');
}

/**
 * Checks an API key from the configuration; empty where none is set. Throws
 * PROVIDER_NOT_CONFIGURED naming `variable`, not the key, where it cannot stand
 * in an HTTP header.
 */
export function parseApiKey(value: string | undefined, variable: string): string {
  const key = value?.trim() ?? '';
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw settingError(variable, 'it holds a space, a line break or a character that is not ASCII');
  }
  return key;
}

function settingError(variable: string, problem: string): TerminalError {
  return new TerminalError(
    'PROVIDER_NOT_CONFIGURED',
    `${variable} cannot be used: ${problem}. Correct it and restart.`,
    { details: { variable } },
  );
}
