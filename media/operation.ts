import type { z } from 'zod';
import type { MediaLimits } from '../core/limits.ts';
import type { MediaOperation, OperationRequest } from '../core/node-type/media-tools.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import type { ImageOperation, DrawRequest, Images } from './image/image-operation.ts';
import type { ImagePool } from './image/image-pool.ts';

/** What operations and kinds of files work with, for one user. */
export interface MediaWorkshop {
  /** Null: the installation's own work. */
  readonly owner: string | null;
  readonly limits: MediaLimits;
  readonly images: ImagePool;
  readonly ffmpeg: Ffmpeg;
  /** Waits for a turn at ffmpeg and ffprobe, which users share. */
  inTurn<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/**
 * An operation on an image. `draw` runs in an image process, which imports
 * `module` for it: the file's own `import.meta.url`. So the file may import at its
 * top what the main process may load, and gets what decodes as an argument.
 *
 * @example
 * export const turnImage = imageOperation({
 *   name: 'turn image',
 *   module: import.meta.url,
 *   params: z.object({ quarters: z.number().int() }),
 *   async draw({ input, output, quarters }, images) {
 *     const source = await images.open(input);
 *     await images.rewrite(source, output, { change: (image) => image.rotate(quarters * 90) });
 *   },
 * });
 */
export function imageOperation<Params extends object, Result>(definition: {
  readonly name: string;
  readonly module: string;
  readonly params: z.ZodType<Params>;
  /** Processor time that it may take. Default 60,000 ms: an AVIF of 50 MP that is written on a slow core. */
  readonly maxCpuMs?: number;
  draw(request: DrawRequest<Params>, images: Images): Promise<Result>;
}): ImageOperation<Params, Result> & MediaOperation<Params, Result> {
  const operation: ImageOperation<Params, Result> = { maxCpuMs: 60_000, ...definition };
  return {
    ...operation,
    params: definition.params,
    work: ({ signal, onProgress: _unheard, ...request }: OperationRequest<Params>, { images, owner }: MediaWorkshop) =>
      // The signal stays here; all else goes to the other process.
      images.run(operation, request as unknown as DrawRequest<Params>, signal, owner),
  };
}

/** An operation that runs ffmpeg or ffprobe, one user's beside as many others as there are turns. */
export function programOperation<Params extends object, Result>(definition: {
  readonly name: string;
  readonly params: z.ZodType<Params>;
  work(request: OperationRequest<Params>, workshop: MediaWorkshop): Promise<Result>;
}): MediaOperation<Params, Result> {
  const { work } = definition;
  return {
    ...definition,
    work: (request: OperationRequest<Params>, workshop: MediaWorkshop) =>
      workshop.inTurn(request.signal, () => work(request, workshop)),
  };
}
