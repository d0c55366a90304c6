import { isAbsolute } from 'node:path';
import createCommand from 'fluent-ffmpeg';
import { RetryableError, TerminalError } from '../core/errors/app-error.ts';
import type { Binaries, BinaryName } from './video/binaries.ts';
import { runProgram, type ProgramLimits } from './video/run-program.ts';

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
 */

export interface Ffmpeg {
  /** What ffprobe prints as JSON about the first video stream that is not a cover picture. `show` are its `-show_…` options. */
  probe(request: { input: string; show: readonly string[]; signal: AbortSignal }): Promise<unknown>;
  /** Writes the first frame at or after `atSeconds` (on the file's own clock, from its start) as an upright PNG. */
  writeFrame(request: {
    input: string;
    output: string;
    atSeconds: number;
    /** Whether pixels are not square and the picture has to be widened. */
    isAnamorphic: boolean;
    signal: AbortSignal;
  }): Promise<void>;
}

export interface FfmpegOptions {
  readonly binaries: Binaries;
  /** Wall clock of one command. Default 600,000 ms. */
  readonly timeoutMs?: number;
  /** Resident memory of one command. Default 1 GB: 4K of 10 bits with two threads needs about half. */
  readonly maxRssBytes?: number;
}

const protocolWhitelist = 'file,pipe';

/** Names of demuxers; `mov` covers MP4 and QuickTime, `matroska` covers WebM. */
const formatWhitelist = 'mov,matroska,avi';

/** Decoding in more threads gains little on one frame and takes the cores of other attempts. */
const threads = 2;

/** ffprobe lists packets of half an hour at 60 frames a second in about 8 million characters. */
const maxOutputLength = 32_000_000;

const guards = ['-protocol_whitelist', protocolWhitelist, '-format_whitelist', formatWhitelist];

export function createFfmpeg({ binaries, timeoutMs = 600_000, maxRssBytes = 1_073_741_824 }: FfmpegOptions): Ffmpeg {
  const limits: ProgramLimits = { timeoutMs, maxRssBytes, maxOutputLength };

  async function run(name: BinaryName, args: readonly string[], signal: AbortSignal): Promise<string> {
    const prefix = await binaries.deathSignalPrefix();
    const { path } = await binaries.find(name);
    const outcome = await runProgram([...prefix, path, ...args], limits, signal);
    switch (outcome.kind) {
      case 'ended':
        if (outcome.exitCode === 0) return outcome.stdout;
        throw unreadable(name, outcome.stderr);
      case 'timeout':
        throw new TerminalError('MEDIA_TIMEOUT', `${name} took longer than ${timeoutMs / 1_000} s on this video.`);
      case 'memory':
        throw new TerminalError('MEDIA_TOOL_FAILED', `${name} needed more memory for this video than it may use.`);
      case 'output':
        throw new TerminalError('VIDEO_UNREADABLE', `${name} found more in this video than can be looked at.`);
      case 'not-started':
        throw new RetryableError('MEDIA_TOOL_FAILED', `${name} could not be started: ${outcome.reason}`);
    }
  }

  return {
    async probe({ input, show, signal }) {
      const args = ['-v', 'error', ...guards, '-of', 'json', '-select_streams', 'V:0', ...show, '-i', localFile(input)];
      const text = await run('ffprobe', args, signal);
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new TerminalError('VIDEO_UNREADABLE', 'ffprobe gave an answer that is not JSON.', { cause: error });
      }
    },

    async writeFrame({ input, output, atSeconds, isAnamorphic, signal }) {
      const command = createCommand()
        .input(localFile(input))
        .inputOptions(['-nostdin', '-v', 'error', ...guards, '-threads', String(threads)])
        // Before the input: ffmpeg jumps to the key frame and decodes from there.
        .seekInput(atSeconds.toFixed(6))
        .noAudio()
        .videoCodec('png')
        // The muxer that writes one file and reads no pattern in its name.
        .outputOptions(['-map', '0:V:0', '-sn', '-dn', '-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'image2pipe'])
        .output(localFile(output));
      if (isAnamorphic) command.videoFilters("scale=w='max(1,round(iw*sar))':h=ih,setsar=1");
      await run('ffmpeg', command._getArguments(), signal);
    },
  };
}

/** Names the protocol, so that no part of a path can be taken for another one or for an option. */
function localFile(path: string): string {
  if (!isAbsolute(path)) throw new TypeError(`A media file must be given by its absolute path, not ${path}`);
  return `file:${path}`;
}

function unreadable(name: BinaryName, stderr: string): TerminalError | RetryableError {
  const reason = (stderr.trim().split('\n').at(-1) ?? '').replaceAll(/(?:file:)?\/\S+/g, 'the file');
  if (/No space left on device/i.test(stderr)) {
    return new RetryableError('STORAGE_FULL', 'The disk for working files is full.');
  }
  return new TerminalError(
    'VIDEO_UNREADABLE',
    `The video cannot be read${reason ? ` (${name}: ${reason})` : ''}. It may be damaged, incomplete or of an unknown kind.`,
  );
}
