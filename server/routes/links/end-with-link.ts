import { AppError } from '../../../core/errors/app-error.ts';

/** A link that was revoked ends what is followed by it within so long, in milliseconds. */
const lookAgainMs = 5_000;

/** A signal that aborts with `signal`, and with the error of `look` once the link has ended. */
export function endWithLink(
  signal: AbortSignal,
  look: () => Promise<unknown>,
): { readonly signal: AbortSignal; stop(): void } {
  const ended = new AbortController();
  const timer = setInterval(() => {
    // A database that is away for a moment ends nothing.
    look().catch(
      (error: unknown) => error instanceof AppError && error.code === 'LINK_NOT_FOUND' && ended.abort(error),
    );
  }, lookAgainMs);
  return { signal: AbortSignal.any([signal, ended.signal]), stop: () => clearInterval(timer) };
}
