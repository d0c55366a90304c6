import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two tries. */
const pauseMs = 200;

/**
 * Sends a request until the server has time for it: 503 says that it may be sent again, as a machine that does other things
 * too may answer, and so does 409 that names a time to come again. Any other answer is the one that a test is about.
 *
 * @param send makes the request anew, with a body of its own
 */
export async function askAgain(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await send();
    const isLater = answer.status === 503 || (answer.status === 409 && answer.headers.has('retry-after'));
    if (!isLater) return answer;
    await answer.arrayBuffer();
    await sleep(pauseMs);
  }
}
