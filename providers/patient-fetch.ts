import { Agent, fetch as undiciFetch } from 'undici';

/** The limits of a call are those of guardCall; the runtime's own end a silence after five minutes. */
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

/** `fetch` to the addresses of the configuration, without limits of its own in time. */
export const patientFetch: typeof globalThis.fetch = async (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  const options = { ...init, dispatcher } as Parameters<typeof undiciFetch>[1];
  // Both follow the same standard; their types come from different packages.
  return (await undiciFetch(url, options)) as unknown as Response;
};
