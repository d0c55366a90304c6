import { rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import { createFairPool } from '../core/fair-pool.ts';
import { defaultMediaLimits, type MediaLimits } from '../core/limits.ts';
import type { MediaKind, MediaTools } from '../core/node-type/executor.ts';
import { createFfmpeg } from './ffmpeg.ts';
import { createImagePool, type ImagePoolOptions } from './image/image-pool.ts';
import { sniffMedia } from './sniff.ts';
import type { Binaries } from './video/binaries.ts';
import { describeVideo, extractFrame } from './video/extract-frame.ts';

/** What the content of a file is. */
export interface MediaDescription {
  readonly kind: MediaKind;
  readonly mimeType: string;
  readonly extension: string;
  readonly bytes: number;
  /** Of the upright picture. */
  readonly width: number;
  readonly height: number;
  /** Videos only. */
  readonly durationMs: number | null;
}

/**
 * Image and video work for workers and servers. All decoding happens in child
 * processes, which users share in turns; without an owner it is the installation's own work.
 */
export interface Media extends MediaTools {
  readonly limits: MediaLimits;
  /**
   * Sniffs and probes a file and holds it against the limits. `isForeign`
   * files are read to their end, so that damage is noticed now and not by a node
   * later. Throws FILE_EMPTY, FILE_TOO_LARGE, UNSUPPORTED_MEDIA, IMAGE_* and VIDEO_*.
   */
  describe(request: {
    file: string;
    isForeign: boolean;
    signal: AbortSignal;
    owner?: string;
  }): Promise<MediaDescription>;
  /** Writes a WebP of at most `width` pixels, of an image or of an early frame of a video. */
  writeThumbnail(request: {
    input: string;
    kind: MediaKind;
    output: string;
    width: number;
    signal: AbortSignal;
    owner?: string;
  }): Promise<void>;
  /** The tools for the work of one user. */
  of(owner: string): MediaTools;
  /** Waits for the work in flight and ends the child processes. */
  stop(): Promise<void>;
}

export interface MediaOptions {
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

/** The poster of a video is taken from here: past a black first frame, before anything is given away. */
const posterFraction = 0.1;

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
      new RetryableError('RATE_LIMITED', 'Too many of your videos are being worked on. Try again in a moment.', {
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

  async function describe({
    file,
    isForeign,
    signal,
    owner = null,
  }: Omit<Parameters<Media['describe']>[0], 'owner'> & { owner?: string | null }): Promise<MediaDescription> {
    const sniffed = await sniffMedia(file, { isForeign });
    const { size: bytes } = await stat(file);
    const maxBytes = sniffed.kind === 'image' ? limits.maxImageBytes : limits.maxVideoBytes;
    if (bytes > maxBytes) {
      throw new TerminalError(
        'FILE_TOO_LARGE',
        `The file has ${bytes} bytes; up to ${maxBytes} are taken. Make it smaller.`,
        {
          details: { bytes, maxBytes },
        },
      );
    }
    if (sniffed.kind === 'image') {
      const { width, height } = await images.run({ kind: 'probe', input: file, decode: isForeign }, signal, owner);
      return { ...sniffed, bytes, width, height, durationMs: null };
    }
    const { info, length } = await videoTurns.run({ owner, signal }, () =>
      describeVideo({ input: file, signal }, { ffmpeg, limits }),
    );
    return {
      ...sniffed,
      bytes,
      width: info.width,
      height: info.height,
      durationMs: Math.round(length * 1_000),
    };
  }

  async function writeThumbnail(request: Parameters<Media['writeThumbnail']>[0]): Promise<void> {
    const { input, kind, output, width, signal, owner = null } = request;
    if (kind === 'image') {
      await images.run({ kind: 'thumbnail', input, output, width }, signal, owner);
      return;
    }
    const poster = `${output}.poster`;
    try {
      await videoTurns.run({ owner, signal }, () =>
        extractFrame(
          { input, output: poster, at: { kind: 'fraction', value: posterFraction }, signal },
          { ffmpeg, limits },
        ),
      );
      await images.run({ kind: 'thumbnail', input: poster, output, width }, signal, owner);
    } finally {
      await rm(poster, { force: true });
    }
  }

  /** Writes beside the target and renames, so that a killed process leaves no half file under the name. */
  async function writeWhole<Result>(output: string, write: (temporary: string) => Promise<Result>): Promise<Result> {
    const temporary = `${output}.part`;
    try {
      const result = await write(temporary);
      await rename(temporary, output);
      return result;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  const toolsOf = (owner: string | null): MediaTools => ({
    cropImage: ({ input, output, box, signal }) =>
      track(
        writeWhole(output, async (temporary) => {
          await images.run({ kind: 'crop', input, output: temporary, box }, signal, owner);
        }),
      ),
    extractFrame: ({ input, output, at, signal }) =>
      track(
        videoTurns.run({ owner, signal }, () =>
          writeWhole(output, (temporary) => extractFrame({ input, output: temporary, at, signal }, { ffmpeg, limits })),
        ),
      ),
    async fitImage({ input, output, maxSide, maxBytes, signal }) {
      let result = { mimeType: '' };
      await track(
        writeWhole(output, async (temporary) => {
          result = await images.run({ kind: 'fit', input, output: temporary, maxSide, maxBytes }, signal, owner);
        }),
      );
      return result;
    },
  });

  return {
    limits,
    describe: (request) => track(describe(request)),
    writeThumbnail: (request) => track(writeThumbnail(request)),
    ...toolsOf(null),
    of: toolsOf,
    async stop() {
      await Promise.allSettled(inFlight);
      await images.stop();
    },
  };
}
