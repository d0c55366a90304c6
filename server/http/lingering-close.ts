import type { IncomingMessage } from 'node:http';

/** Long enough for a client on the same network to finish sending; nobody slower is waited for. */
const lingerMs = 1_000;

/**
 * Takes in, and forgets, the rest of a body that was refused. A connection that
 * is closed over unread bytes is reset, and many clients would then report the
 * reset instead of the answer.
 */
export async function discardBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lingerMs);
    const done = () => (clearTimeout(timer), resolve());
    request.once('end', done).once('close', done).once('error', done);
    request.resume();
  });
}
