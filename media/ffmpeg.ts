import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import createCommand from 'fluent-ffmpeg';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { Binaries, BinaryName } from './video/binaries.ts';
import { createDecodeLog, type DecodeLog } from './video/decode-log.ts';
import { frameFilters, moment, turnFilters, type FramePlan } from './video/frame-filters.ts';
import { createRememberedAnswers, maxRememberedLength } from './remembered-answers.ts';
import { audioSubject, videoSubject, type MediaSubject } from './subjects.ts';
import { createLineReader } from './video/read-lines.ts';
import { createFfmpegParts, type FfmpegParts } from './video/ffmpeg-parts.ts';
import { runProgram, type ProgramLimits, type ProgramReaders } from './video/run-program.ts';
import { checkWritten, createProgressReader, missingPart, outputGuards, type WriteRequest } from './write-request.ts';

/*
 * The one door to ffmpeg and ffprobe.
 *
 * fluent-ffmpeg builds the command lines. It does not run them: its own start
 * of a process can throw inside a callback, where nothing can catch it, and it
 * knows neither an AbortSignal nor process groups. runProgram does that part.
 *
 * Every command gets the same guards: local files only (`file:` with both
 * protocol and format white lists, so that a playlist posing as a video opens
 * nothing), no input from the terminal, two threads, a wall clock.
 *
 * What the programs say is input like any other: a head that is small by its
 * kind is parsed whole, all else is read line by line as it comes.
 */

/** Where decoding begins, and which picture is wanted. */
export interface PictureRequest {
  readonly input: string;
  readonly streamIndex: number;
  /** Of the decoder. */
  readonly options: readonly string[];
  /** A key frame's time on the file's clock; null for the beginning of the file. */
  readonly from: number | null;
  /** The first picture at or after a time on the file's clock, or the one of this number since `from`. */
  readonly wanted: { readonly time: number } | { readonly number: number };
  readonly signal: AbortSignal;
}

/**
 * The programs, with their guards: no network, few formats, limits of time, memory and output. All of it throws
 * MEDIA_TIMEOUT, codes of the subject for files that cannot be read, and the signal's reason.
 */
export interface Ffmpeg {
  /**
   * What ffprobe prints as JSON about the file; `show` are options whose answer is small whatever the file holds. Of a file
   * that has not changed the answer is remembered.
   */
  probe(request: {
    input: string;
    show: readonly string[];
    signal: AbortSignal;
    subject?: MediaSubject;
  }): Promise<unknown>;
  /** Gives out what ffprobe lists, one line an entry, as it comes; a short list is remembered like a head. */
  list(request: {
    input: string;
    show: readonly string[];
    onLine: (line: string) => void;
    signal: AbortSignal;
    subject?: MediaSubject;
  }): Promise<void>;
  /**
   * What `find` finds out by the means above, as text: of a file that has not changed it is remembered under `question`, so
   * that whole lists are gone through once. What it throws is thrown, and not remembered.
   */
  remembered(request: { input: string; question: readonly string[]; find: () => Promise<string> }): Promise<string>;
  /**
   * Decodes a track of sound and gives it out as it comes: 16-bit little-endian samples of two interleaved
   * channels, `rate` a second, for `seconds` at most.
   */
  readSamples(request: {
    input: string;
    streamIndex: number;
    rate: number;
    seconds: number;
    onSamples: (chunk: Buffer) => void;
    signal: AbortSignal;
  }): Promise<void>;
  /** Decodes up to the wanted picture and writes it as an upright PNG; where there is none, `output` holds nothing. */
  writePicture(request: PictureRequest & { output: string; plan: FramePlan }): Promise<DecodeLog>;
  /** Writes a video or a sound; gives its length in seconds, as far as ffmpeg tells. Throws MEDIA_*, FILE_TOO_LARGE and *_UNREADABLE. */
  write(request: WriteRequest): Promise<number>;
  /** Decodes so many pictures and writes none. */
  decode(request: Omit<PictureRequest, 'wanted'> & { pictures: number }): Promise<DecodeLog>;
  /** What the ffmpeg at hand can do. */
  readonly parts: FfmpegParts;
}

interface FfmpegOptions {
  readonly binaries: Binaries;
  /** Wall clock of one command. Default 600,000 ms. */
  readonly timeoutMs?: number;
  /** Resident memory of one command. Default 1 GB: 4K of 10 bits with two threads needs about half. */
  readonly maxRssBytes?: number;
}

const protocolWhitelist = 'file,pipe';

/** Decoding in more threads gains little on one frame and takes the cores of other attempts. */
const threads = 2;

/** Characters that are parsed at once. The head of a file with hundreds of tracks has fewer. */
const maxHeadLength = 500_000;

/** Characters of a list: two million packets, ten hours at 60 frames a second. */
const maxListLength = 160_000_000;

/** Characters that ffmpeg may print while it decodes; its pictures go to a file. */
const maxOutputLength = 1_000_000;

/** With the muxer that writes one file and reads no pattern in its name. */
const asPng = ['-frames:v', '1', '-c:v', 'png', '-pix_fmt', 'rgb24', '-f', 'image2pipe'];

/** Bands of rows, one behind another: together they are the pixels of the picture. */
const asRows = ['-vsync', 'passthrough', '-c:v', 'rawvideo', '-pix_fmt', 'rgb24', '-f', 'rawvideo'];

/** Of a pixel in them. */
const rowBytes = 3;

const guards = ({ demuxers }: MediaSubject) => [
  '-protocol_whitelist',
  protocolWhitelist,
  '-format_whitelist',
  demuxers,
];

/** Runs nothing by itself. Default limits: 10 minutes, and 1 GiB of memory for each program. */
export function createFfmpeg({ binaries, timeoutMs = 600_000, maxRssBytes = 1_073_741_824 }: FfmpegOptions): Ffmpeg {
  const answers = createRememberedAnswers();

  async function run(
    name: BinaryName,
    args: readonly string[],
    signal: AbortSignal,
    options: { maxLength: number; readers?: ProgramReaders; cwd?: string; subject?: MediaSubject },
  ): Promise<{ stdout: string; stderr: string; failure: TerminalError | RetryableError | null }> {
    const limits: ProgramLimits = { timeoutMs, maxRssBytes, maxOutputLength: options.maxLength };
    const { subject = videoSubject } = options;
    const { noun } = subject;
    const prefix = await binaries.deathSignalPrefix();
    const { path } = await binaries.find(name);
    const outcome = await runProgram([...prefix, path, ...args], limits, signal, options);
    switch (outcome.kind) {
      case 'ended':
        return {
          stdout: outcome.stdout,
          stderr: outcome.stderr,
          failure: outcome.exitCode === 0 ? null : unreadable(name, outcome.stderr, subject),
        };
      case 'timeout':
        throw new TerminalError(
          'MEDIA_TIMEOUT',
          `${name} took longer than ${timeoutMs / 1_000} s on this ${noun}. Cut it, or make it smaller.`,
        );
      case 'memory':
        throw new TerminalError(
          'MEDIA_TOOL_FAILED',
          `${name} needed more memory for this ${noun} than it may use. Make it smaller.`,
        );
      case 'output':
        throw new TerminalError(subject.tooLarge, `${name} found more in this ${noun} than can be looked at. Cut it.`);
      case 'not-started':
        throw new RetryableError('MEDIA_TOOL_FAILED', `${name} could not be started: ${outcome.reason}`);
    }
  }

  async function ffmpeg(
    { input, streamIndex, options: own, from, signal }: Omit<PictureRequest, 'wanted'>,
    { output, options, filters, cwd }: { output: string; options: readonly string[]; filters: string; cwd?: string },
  ): Promise<DecodeLog> {
    const command = createCommand()
      .input(localFile(input))
      // What the file holds is decoded as it is: ffmpeg's versions turn pictures by different rules, frameFilters by one.
      // -copyts: times stay those of the file's own clock. discardcorrupt: a piece that was cut off is no picture.
      .inputOptions(['-nostdin', '-nostats', '-hide_banner', '-v', 'level+info', ...guards(videoSubject)])
      .inputOptions(['-threads', String(threads), ...own, '-noautorotate', '-copyts', '-fflags', '+discardcorrupt'])
      .noAudio()
      .videoFilters(filters)
      .outputOptions(['-map', `0:${streamIndex}`, '-sn', '-dn', ...options])
      .output(output);
    // All frames from the key frame on are decoded and looked at: which of them is the one is the filters' choice.
    if (from !== null) command.inputOptions(['-noaccurate_seek', '-seek_timestamp', '1', '-ss', moment(from)]);
    const log = createDecodeLog();
    const reader = createLineReader((line) => log.add(line));
    const { failure } = await run('ffmpeg', ['-y', ...command._getArguments()], signal, {
      maxLength: maxOutputLength,
      readers: { stderr: (piece) => reader.add(piece) },
      cwd,
    });
    reader.end();
    // An end in the middle of a cut-off file is an error to ffmpeg; what was decoded until there counts.
    if (failure !== null && (!log.hasBegun || failure.code !== 'VIDEO_UNREADABLE')) throw failure;
    return log;
  }

  /** Makes an upright PNG of pixels that were written as they are stored; nothing where some are missing. */
  async function writeRows(
    rows: string,
    { output, plan, signal }: { output: string; plan: FramePlan; signal: AbortSignal },
  ): Promise<void> {
    const { flatWidth, flatHeight, turn } = plan;
    const { size } = await stat(rows);
    if (size !== flatWidth * flatHeight * rowBytes) return;
    const command = createCommand()
      .input(localFile(rows))
      .inputOptions(['-nostdin', '-nostats', '-hide_banner', '-v', 'error', '-protocol_whitelist', protocolWhitelist])
      .inputOptions(['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-video_size', `${flatWidth}x${flatHeight}`])
      .videoFilters(turnFilters(turn))
      .outputOptions(asPng)
      .output(localFile(output));
    const { failure } = await run('ffmpeg', ['-y', ...command._getArguments()], signal, { maxLength: maxOutputLength });
    if (failure !== null) throw failure;
  }

  return {
    parts: createFfmpegParts(binaries),

    async probe({ input, show, signal, subject = videoSubject }) {
      const question = ['-v', 'error', ...guards(subject), '-of', 'json', ...show];
      const answer = await answers.of(input, question, async () => {
        const args = [...question, '-i', localFile(input)];
        const { stdout, failure } = await run('ffprobe', args, signal, { maxLength: maxHeadLength, subject });
        if (failure !== null) throw failure;
        return stdout;
      });
      try {
        return JSON.parse(answer ?? '') as unknown;
      } catch (error) {
        throw new TerminalError(
          subject.unreadable,
          `ffprobe gave an answer that is not JSON. Save the ${subject.noun} again.`,
          {
            cause: error,
          },
        );
      }
    },

    async list({ input, show, onLine, signal, subject = videoSubject }) {
      const question = ['-v', 'error', ...guards(subject), '-of', 'compact=p=0', ...show];
      const reader = createLineReader(onLine);
      let isTold = false;
      const answer = await answers.of(input, question, async () => {
        isTold = true;
        let all: string | null = '';
        const stdout = (piece: string): void => {
          reader.add(piece);
          if (all !== null) all = all.length + piece.length > maxRememberedLength ? null : all + piece;
        };
        const args = [...question, '-i', localFile(input)];
        const { failure } = await run('ffprobe', args, signal, {
          maxLength: maxListLength,
          readers: { stdout },
          subject,
        });
        return failure === null ? all : null;
      });
      if (!isTold && answer !== null) reader.add(answer);
      reader.end();
    },

    remembered: ({ input, question, find }) => answers.of(input, question, find),

    async readSamples({ input, streamIndex, rate, seconds, onSamples, signal }) {
      const command = createCommand()
        .input(localFile(input))
        .inputOptions(['-nostdin', '-nostats', '-hide_banner', '-v', 'error', ...guards(audioSubject)])
        .inputOptions(['-threads', String(threads)])
        .noVideo()
        .outputOptions(['-map', `0:${streamIndex}`, '-sn', '-dn', '-t', String(seconds)])
        .outputOptions(['-ac', '2', '-ar', String(rate), '-c:a', 'pcm_s16le', '-f', 's16le'])
        .output('pipe:1');
      let isSilent = true;
      const { failure } = await run('ffmpeg', ['-y', ...command._getArguments()], signal, {
        // Two channels of two bytes, and a second more for what a decoder has left at the end.
        maxLength: Math.ceil((seconds + 1) * rate * 4),
        readers: {
          bytes: (chunk) => {
            isSilent = false;
            onSamples(chunk);
          },
        },
        subject: audioSubject,
      });
      // An end in the middle of a cut-off file is an error to ffmpeg; what was decoded until there counts.
      if (failure !== null && (isSilent || failure.code !== audioSubject.unreadable)) throw failure;
    },

    async writePicture({ output, plan, ...request }) {
      // Beside the output, under a name that means nothing to a list of filters.
      const table = plan.colorTable === null ? null : { name: `${randomUUID()}.cube`, text: plan.colorTable };
      const folder = dirname(output);
      const rows = `${output}.rows`;
      try {
        if (table !== null) await writeFile(join(folder, table.name), table.text);
        const filters = frameFilters(request.wanted, plan, table?.name ?? null);
        if (plan.bands === 1)
          return await ffmpeg(request, { output: localFile(output), options: asPng, filters, cwd: folder });
        const options = ['-frames:v', String(plan.bands), ...asRows];
        const log = await ffmpeg(request, { output: localFile(rows), options, filters, cwd: folder });
        await writeRows(rows, { output, plan, signal: request.signal });
        return log;
      } finally {
        await rm(rows, { force: true });
        if (table !== null) await rm(join(folder, table.name), { force: true });
      }
    },

    async write(request) {
      const { inputs, filters, options, output, files = [], isMeasured = false, signal } = request;
      const command = createCommand();
      for (const { file, subject, options: own = [] } of inputs) {
        command.input(localFile(file)).inputOptions([...guards(subject), '-threads', String(threads), ...own]);
      }
      if (filters !== undefined) command.complexFilter(filters);
      command
        .outputOptions([...outputGuards(request, threads), ...options])
        .output(isMeasured ? '-' : localFile(output));
      const begin = [
        '-nostdin',
        '-nostats',
        '-hide_banner',
        '-v',
        isMeasured ? 'info' : 'error',
        '-progress',
        'pipe:1',
      ];
      const folder = dirname(output);
      const progress = createProgressReader(request);
      const reader = createLineReader((line) => progress.add(line));
      const log = createLineReader(request.onLine ?? (() => undefined));
      try {
        for (const { name, text } of files) await writeFile(join(folder, name), text);
        const { stderr, failure } = await run('ffmpeg', [...begin, '-y', ...command._getArguments()], signal, {
          maxLength: maxOutputLength,
          readers: {
            stdout: (piece) => reader.add(piece),
            ...(isMeasured && { stderr: (piece: string) => log.add(piece) }),
          },
          cwd: folder,
          subject: inputs[0]?.subject,
        });
        reader.end();
        log.end();
        if (failure !== null) throw missingPart(stderr) ?? failure;
        if (!isMeasured) await checkWritten(request);
        return progress.seconds;
      } finally {
        for (const { name } of files) await rm(join(folder, name), { force: true });
      }
    },

    async decode({ pictures, ...request }) {
      return ffmpeg(request, {
        output: '-',
        options: ['-frames:v', String(pictures), '-f', 'null'],
        filters: 'showinfo',
      });
    },
  };
}

/** Names the protocol, so that no part of a path can be taken for another one or for an option. */
function localFile(path: string): string {
  if (!isAbsolute(path)) throw new TypeError(`A media file must be given by its absolute path, not ${path}`);
  return `file:${path}`;
}

function unreadable(
  name: BinaryName,
  stderr: string,
  { noun, unreadable: code, example }: MediaSubject,
): TerminalError | RetryableError {
  const reason = (stderr.trim().split('\n').at(-1) ?? '').replaceAll(/(?:file:)?\/\S+/g, 'the file');
  if (/No space left on device/i.test(stderr)) {
    return new RetryableError('STORAGE_FULL', 'The disk for working files is full. Ask the operator to make room.');
  }
  return new TerminalError(
    code,
    `The ${noun} cannot be read${reason ? ` (${name}: ${reason})` : ''}. It may be damaged, incomplete or of an unknown format. Save it again, for example as ${example}.`,
  );
}
