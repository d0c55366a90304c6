import { rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileTypeOf, formatOf } from '../core/data-types/files.ts';
import { maxBytesOf, rowOf, type FileType } from '../core/data-types/table.ts';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { createFairPool } from '../core/fair-pool.ts';
import { defaultMediaLimits, type MediaLimits } from '../core/limits.ts';
import type { MediaOperation, MediaTools, OperationRequest } from '../core/node-type/media-tools.ts';
import { createFfmpeg } from './ffmpeg.ts';
import { createImagePool, type ImagePoolOptions } from './image/image-pool.ts';
import type { FileFacts } from './kinds/kind-of-file.ts';
import { kindsOfFiles } from './kinds/kinds.ts';
import type { MediaWorkshop } from './operation.ts';
import type { SniffedMedia } from './sniffed-media.ts';
import { sniffMedia } from './sniff.ts';
import type { Binaries } from './video/binaries.ts';
import type { FfmpegParts } from './video/ffmpeg-parts.ts';

/** What the content of a file is. */
export interface MediaDescription extends FileFacts {
  readonly kind: FileType;
  readonly mimeType: string;
  readonly extension: string;
  readonly bytes: number;
}

/**
 * Work on files for workers and servers. All decoding happens in child
 * processes, which users share in turns; without an owner it is the installation's own work.
 */
export interface Media extends MediaTools {
  readonly limits: MediaLimits;
  /**
   * Sniffs and probes a file and holds it against the limits. `isForeign`
   * files are read to their end, so that damage is noticed now and not by a node
   * later. Throws FILE_EMPTY, FILE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_*, VIDEO_* and AUDIO_*.
   */
  describe(request: {
    file: string;
    isForeign: boolean;
    signal: AbortSignal;
    owner?: string;
  }): Promise<MediaDescription>;
  /** Writes a WebP of at most `width` pixels of a file of the content type. Throws UNSUPPORTED_MEDIA where such files have no image. */
  writeThumbnail(request: {
    input: string;
    mimeType: string;
    output: string;
    width: number;
    signal: AbortSignal;
    owner?: string;
  }): Promise<void>;
  /** The tools for the work of one user. */
  of(owner: string): MediaTools;
  /** Those of the parts of ffmpeg that the one at hand does not have. */
  lackingParts: FfmpegParts['lacking'];
  /** Waits for the work in flight and ends the child processes. */
  stop(): Promise<void>;
}

interface MediaOptions {
  readonly binaries: Binaries;
  readonly limits?: Partial<MediaLimits>;
  /** The pool of image processes; its limits are those above. */
  readonly imagePool?: Omit<ImagePoolOptions, 'limits'>;
  /** Wall clock of one ffmpeg or ffprobe command. Default 600,000 ms. */
  readonly videoTimeoutMs?: number;
  /** Videos of one user that are worked on at once; there is one more place for others. Default: the processors. */
  readonly videosPerOwner?: number;
}

/** A canvas of 500 nodes asks for all its posters at once. */
const maxVideosWaiting = 1_000;

/** Starts processes when they are needed; `stop` ends them. */
export function createMedia(options: MediaOptions): Media {
  const limits: MediaLimits = { ...defaultMediaLimits, ...options.limits };
  const images = createImagePool({ ...options.imagePool, limits });
  const ffmpeg = createFfmpeg({ binaries: options.binaries, timeoutMs: options.videoTimeoutMs });
  // ffmpeg takes two threads at most, and two pieces of work keep even one processor busy.
  const { videosPerOwner = Math.max(2, availableParallelism()) } = options;
  const videoTurns = createFairPool({
    places: videosPerOwner + 1,
    maxPerOwner: videosPerOwner,
    maxWaitingPerOwner: maxVideosWaiting,
    busy: () =>
      new RetryableError('RATE_LIMITED', 'Too many of your videos are being processed. Try again in a moment.', {
        retryAfterMs: 5_000,
      }),
  });
  const inFlight = new Set<Promise<unknown>>();

  function track<Result>(work: Promise<Result>): Promise<Result> {
    inFlight.add(work);
    const forget = () => inFlight.delete(work);
    work.then(forget, forget);
    return work;
  }

  const workshopOf = (owner: string | null): MediaWorkshop => ({
    owner,
    limits,
    images,
    ffmpeg,
    inTurn: (signal, work) => videoTurns.run({ owner, signal }, work),
  });

  async function describe({ owner = null, ...request }: Work<Media['describe']>): Promise<MediaDescription> {
    const { file, isForeign } = request;
    const sniffed = await sniffMedia(file, { isForeign, maxTextBytes: limits.maxFileBytes });
    const workshop = workshopOf(owner);
    try {
      return await describeAs(sniffed, request, workshop);
    } catch (error) {
      // Containers of videos are used for sound, too.
      const alone = formatOf(formatOf(sniffed.mimeType)?.audioOnly ?? '');
      if (alone === null || !isSoundAlone(error)) throw error;
      const { mimeType, extension } = alone;
      return await describeAs({ kind: fileTypeOf(mimeType)!, mimeType, extension }, request, workshop);
    }
  }

  async function describeAs(
    sniffed: SniffedMedia,
    request: Omit<Work<Media['describe']>, 'owner'>,
    workshop: MediaWorkshop,
  ): Promise<MediaDescription> {
    const { size: bytes } = await stat(request.file);
    const maxBytes = maxBytesOf(sniffed.kind, limits);
    if (bytes > maxBytes) {
      throw new TerminalError(
        'FILE_TOO_LARGE',
        `The file has ${bytes} bytes; up to ${maxBytes} are taken. Make it smaller.`,
        {
          details: { bytes, maxBytes },
        },
      );
    }
    return { ...sniffed, bytes, ...(await kindsOfFiles[sniffed.kind].describe(request, workshop)) };
  }

  async function writeThumbnail({ mimeType, owner = null, ...request }: Work<Media['writeThumbnail']>): Promise<void> {
    const type = fileTypeOf(mimeType);
    const write = type === null ? null : kindsOfFiles[type].writeThumbnail;
    if (write === null) {
      const noun = type === null ? `file of type ${mimeType}` : rowOf(type).noun;
      throw new TerminalError('UNSUPPORTED_MEDIA', `There is no preview of this ${noun}. Choose an image or a video.`, {
        details: { found: mimeType },
      });
    }
    await write(request, workshopOf(owner));
  }

  const toolsOf = (owner: string | null): MediaTools => ({
    run: (operation, request) => track(runOperation(operation, request, workshopOf(owner))),
  });

  return {
    limits,
    describe: (request) => track(describe(request)),
    writeThumbnail: (request) => track(writeThumbnail(request)),
    ...toolsOf(null),
    of: toolsOf,
    lackingParts: ffmpeg.parts.lacking,
    async stop() {
      await Promise.allSettled(inFlight);
      await images.stop();
    },
  };
}

function isSoundAlone(error: unknown): boolean {
  return error instanceof TerminalError && error.details['holds'] === 'audio';
}

type Work<Method extends (request: never) => unknown> = Omit<Parameters<Method>[0], 'owner'> & {
  owner?: string | null;
};

/** Writes beside the target and renames, so that a killed process leaves no half file under the name. */
async function runOperation<Params extends object, Result>(
  operation: MediaOperation<Params, Result>,
  { input, output, signal, onProgress, ...given }: OperationRequest<Params>,
  workshop: MediaWorkshop,
): Promise<Result> {
  const params = operation.params.parse(given);
  const temporary = `${output}.part`;
  // Made by imageOperation or programOperation: what they take is what they are given here.
  const work = operation.work as (request: OperationRequest<Params>, tools: MediaWorkshop) => Promise<Result>;
  try {
    const result = await work({ ...params, input, output: temporary, signal, onProgress }, workshop);
    await rename(temporary, output);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
