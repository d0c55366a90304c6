import type { Readable } from 'node:stream';
import { TerminalError } from '../../core/errors/app-error.ts';

/** So long a sender of files may send nothing. */
export const idleBodyMs = 60_000;

/**
 * Tells where nothing of a body has come for `idleMs` though it was waited for: a sender who stops in the middle keeps no
 * place and no room from others. Call it together with `pipe`; what comes back ends it.
 */
export function watchIdleBody(body: Readable, onIdle: (error: TerminalError) => void, idleMs = idleBodyMs): () => void {
  const timer = setTimeout(() => {
    // It is the one who reads that takes so long.
    if (body.isPaused()) {
      timer.refresh();
      return;
    }
    stop();
    onIdle(
      new TerminalError(
        'REQUEST_TIMEOUT',
        `Nothing of the upload has come for ${idleMs / 1_000} seconds. Check the connection and send it again.`,
      ),
    );
  }, idleMs);
  const onData = () => void timer.refresh();
  const stop = () => {
    clearTimeout(timer);
    body.off('data', onData).off('end', stop).off('close', stop);
  };
  body.on('data', onData).once('end', stop).once('close', stop);
  return stop;
}
