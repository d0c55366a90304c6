/**
 * Reads a small body as text. Stops at `maxBytes`, which is no error: the
 * beginning of an error page is enough. A body that breaks off gives what came.
 */
export async function readStart(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      text += decoder.decode(chunk, { stream: true });
      if (bytes >= maxBytes) break;
    }
  } catch {
    // The status is what counts; its explanation may be incomplete.
  }
  return text;
}

/** Parses JSON; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The code of a network failure such as `ECONNREFUSED`, or null. Never the
 * message, which names addresses of the private network.
 */
export function networkReason(error: unknown): string | null {
  // Looks at shapes, not classes: fetch makes its errors outside of the module's own realm.
  if (typeof error !== 'object' || error === null) return null;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  return networkReason(cause) ?? (Array.isArray(errors) ? networkReason(errors[0]) : null);
}
