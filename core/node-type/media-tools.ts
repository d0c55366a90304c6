import type { z } from 'zod';

/**
 * One piece of work on a file, with all that is known about it: made in a file of
 * its own in `media/operations/` by `imageOperation` or `programOperation`.
 */
export interface MediaOperation<Params extends object, Result> {
  /** In logs and errors: `crop image`. */
  readonly name: string;
  /** What is asked for besides the files. */
  readonly params: z.ZodType<Params>;
  /** How it is done; whoever calls `run` needs to know nothing of it. */
  readonly work: (request: OperationRequest<Params>, tools: never) => Promise<Result>;
}

/** Files by their absolute paths; `output` is written whole or not at all. */
export type OperationRequest<Params extends object> = Params & {
  readonly input: string;
  readonly output: string;
  readonly signal: AbortSignal;
  /** Hears how much of the work is done, from 0 to 1, where it takes long enough to be told. Default: nobody does. */
  readonly onProgress?: ((share: number) => void) | undefined;
};

/** Work on files; all decoding happens in child processes that are killed on abort or timeout. */
export interface MediaTools {
  /**
   * Does one operation when the turn of its user has come. Throws what the
   * operation says, MEDIA_*, RATE_LIMITED, STORAGE_FULL, or the signal's reason.
   */
  run<Params extends object, Result>(
    operation: MediaOperation<Params, Result>,
    request: OperationRequest<Params>,
  ): Promise<Result>;
}
