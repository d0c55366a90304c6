import { describe, expect, test } from '@jest/globals';
import { defaultMediaLimits } from '../../core/limits.ts';
import { anyBuild } from '../../testing/frame-taker.ts';
import { makeClip, mediaPath } from '../../testing/media.ts';
import { createFfmpeg, type Ffmpeg } from '../ffmpeg.ts';
import { createBinaries } from './binaries.ts';
import { createDecodeLog } from './decode-log.ts';
import { describeVideo, extractFrame } from './extract-frame.ts';
import { createPacketSearch, readPacket } from './packet-search.ts';
import { createLineReader } from './read-lines.ts';
import { runProgram } from './run-program.ts';

const { signal } = new AbortController();

describe('security case 7: what the video programs answer is bounded like any other input', () => {
  const makeLongClip = (length: number) =>
    makeClip(
      `small-${length}.mp4`,
      ...['-f', 'lavfi', '-i', `color=red:s=16x16:r=60:d=${length}`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-f', 'mp4'],
    );

  /** The real programs, with an eye on what is asked of them. */
  function watched(): { ffmpeg: Ffmpeg; heads: number[]; lists: number } {
    const ffmpeg = createFfmpeg({ binaries: createBinaries(anyBuild) });
    const seen = {
      heads: [] as number[],
      lists: 0,
      ffmpeg: {
        ...ffmpeg,
        async probe(request: Parameters<Ffmpeg['probe']>[0]) {
          const answer = await ffmpeg.probe(request);
          seen.heads.push(JSON.stringify(answer).length);
          return answer;
        },
        list(request: Parameters<Ffmpeg['list']>[0]) {
          seen.lists += 1;
          return ffmpeg.list(request);
        },
      },
    };
    return seen;
  }

  test('an upload is parsed by its head alone, which does not grow with the number of frames', async () => {
    const seen = watched();
    for (const length of [3, 120]) {
      await describeVideo({ input: await makeLongClip(length), signal }, { ...seen, limits: defaultMediaLimits });
    }
    expect(seen.lists).toBe(0);
    const [short = 0, long = 0] = seen.heads;
    expect(Math.abs(long - short)).toBeLessThan(1_000);
  });

  test('a video that is too long is refused before any frame of it is listed', async () => {
    const seen = watched();
    const work = describeVideo(
      { input: await makeLongClip(120), signal },
      { ...seen, limits: { ...defaultMediaLimits, maxVideoMs: 60_000 } },
    );
    await expect(work).rejects.toMatchObject({ code: 'VIDEO_TOO_LONG' });
    expect(seen.lists).toBe(0);
  });

  test('long output is handed on piece by piece and never kept', async () => {
    const limits = { timeoutMs: 60_000, maxRssBytes: 1e9, maxOutputLength: 10_000_000 };
    const pieces: number[] = [];
    const program = ['/usr/bin/env', 'seq', '1', '300000'];
    const stdout = (piece: string) => void pieces.push(piece.length);
    const outcome = await runProgram(program, limits, signal, { readers: { stdout } });
    expect(outcome).toMatchObject({ kind: 'ended', exitCode: 0, stdout: '' });
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(1_988_895);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(65_536);
  });

  test('a program that says more than is taken is ended', async () => {
    const limits = { timeoutMs: 60_000, maxRssBytes: 1e9, maxOutputLength: 100_000 };
    let length = 0;
    const stdout = (piece: string) => void (length += piece.length);
    const outcome = await runProgram(['/usr/bin/env', 'seq', '1', '300000'], limits, signal, { readers: { stdout } });
    expect(outcome).toEqual({ kind: 'output' });
    expect(length).toBeLessThanOrEqual(100_000);
  });
});

describe('what a file says of its picture', () => {
  /** A short clip without key frames, of whose picture ffprobe says something more. */
  async function frameWith(more: object, limits = defaultMediaLimits) {
    const real = createFfmpeg({ binaries: createBinaries(anyBuild) });
    const source = ['-f', 'lavfi', '-i', 'color=red:s=16x16:r=10:d=10', '-c:v', 'libx264', '-g', '1000', '-bf', '0'];
    const input = await makeClip('one-key.mp4', ...source, '-f', 'mp4');
    const ffmpeg: Ffmpeg = {
      ...real,
      async probe(request) {
        const answer = (await real.probe(request)) as { streams: object[] };
        return { ...answer, streams: answer.streams.map((stream) => ({ ...stream, ...more })) };
      },
    };
    return extractFrame({ input, output: mediaPath('said.png'), at: { kind: 'last' }, signal }, { ffmpeg, limits });
  }

  test.each([{ dv_profile: 5 }, { dv_profile: 8, dv_bl_signal_compatibility_id: 0 }])(
    'Dolby Vision with a base layer of its own (%j) is shown, and the frame says that its colors are not exact',
    async (dolbyVision) => {
      const { note } = await frameWith({ side_data_list: [dolbyVision] });
      expect(note).toBe('Dolby Vision, colors not exact');
    },
  );

  test('a layer that others understand needs no such words', async () => {
    const side = [{ dv_profile: 8, dv_bl_signal_compatibility_id: 1 }];
    expect((await frameWith({ side_data_list: side })).note).toBeNull();
  });

  test('a frame that takes too much decoding is refused, with what to do', async () => {
    const work = frameWith({ width: 30_000, height: 30_000 }, { ...defaultMediaLimits, maxVideoSide: 30_000 });
    await expect(work).rejects.toMatchObject({
      code: 'VIDEO_TOO_LARGE',
      message: expect.stringContaining('100 frames of 30000 × 30000 pixels would have to be decoded'),
    });
  });
});

test('lines are cut from pieces that begin and end anywhere', () => {
  const lines: string[] = [];
  const reader = createLineReader((line) => lines.push(line));
  for (const piece of ['a', 'b\nc', '\n', '\nd', 'x'.repeat(10_000)]) reader.add(piece);
  reader.end();
  expect(lines.slice(0, 3)).toEqual(['ab', 'c', '']);
  expect(lines[3]?.length).toBeLessThanOrEqual(4_096);
});

describe('a search among packets', () => {
  const packets = (text: string, moment: number) => {
    const search = createPacketSearch(moment);
    for (const part of text.split(' ')) {
      search.add({ time: Number.parseFloat(part), duration: 1, isKey: part.endsWith('K') });
    }
    return search;
  };

  test('finds the last picture that starts at or before the moment', () => {
    expect(packets('0K 3 1 2 4K 7 5 6', 5.5).picture()).toMatchObject({ time: 5 });
    expect(packets('0K 3 1 2 4K 7 5 6', Number.POSITIVE_INFINITY).picture()).toMatchObject({ time: 7 });
  });

  test('begins at the key frame before the one that is stored first and shown later', () => {
    // 3 is stored after the key frame 4 and shown before it.
    expect(packets('0K 2 1 4K 3 6 5', 3.5).picture()).toEqual({ time: 3, start: { time: 0, packetsBefore: 4 } });
    expect(packets('4K 3 6 5', 3.5).picture()).toEqual({ time: 3, start: null });
  });

  test('takes the first picture where none has started', () => {
    expect(packets('2K 4 3', 1).picture()).toMatchObject({ time: 2 });
  });

  test.each([
    ['pts_time=1.5|dts_time=1.2|duration_time=0.1|size=10|flags=K__', { time: 1.5, duration: 0.1, isKey: true }],
    ['pts_time=N/A|dts_time=1.2|duration_time=N/A|size=10|flags=__', { time: 1.2, duration: 0, isKey: false }],
    ['pts_time=1.5|dts_time=1.2|duration_time=0.1|size=10|flags=_D', null],
    ['pts_time=1.5|dts_time=1.2|duration_time=0.1|size=10|flags=__C', null],
    ['pts_time=1.5|dts_time=1.2|duration_time=0.1|size=0|flags=__', null],
    ['pts_time=N/A|dts_time=N/A|flags=K_', null],
    ['', null],
  ])('reads %j', (line, packet) => {
    expect(readPacket(line)).toEqual(packet);
  });
});

describe('what ffmpeg says while it decodes', () => {
  const shown = (time: string, isKey = 0) =>
    `[Parsed_showinfo_1 @ 0x5] [info] n:   0 pts:  35840 pts_time:${time}     pos:    49941 fmt:yuv420p sar:1/1 s:96x64 i:P iskey:${isKey} type:P`;
  const logOf = (...lines: string[]) => {
    const log = createDecodeLog();
    for (const line of lines) log.add(line);
    return log;
  };

  test('a complaint spoils what follows, up to the next key frame', () => {
    const complaint = '[h264 @ 0x5] [error] error while decoding MB 3 2, bytestream -5';
    const log = logOf('[info] Stream mapping:', shown('1'), complaint, shown('2'), shown('3', 1), shown('4'));
    expect(log.pictures.map(({ isSound }) => isSound)).toEqual([true, false, false, true]);
    expect(log.hasComplaints).toBe(true);
  });

  test.each([
    '[h264 @ 0x5] [error] mmco: unref short failure',
    '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] [error] stream 0, offset 0xd42f: partial file',
    '[error] file:/a.mp4: Invalid data found when processing input',
    '[warning] deprecated pixel format used',
  ])('%j says nothing against a picture', (line) => {
    expect(logOf('[info] Stream mapping:', line, shown('1')).hasComplaints).toBe(false);
  });

  test.each([
    '[h264 @ 0x5] [info] concealing 12 DC, 12 AC, 12 MV errors in P frame',
    '[hevc @ 0x5] [error] Could not find ref with POC 8',
    '[error] Error while decoding stream #0:0: Invalid data found when processing input',
  ])('%j does', (line) => {
    expect(logOf('[info] Stream mapping:', line, shown('1')).hasComplaints).toBe(true);
  });
});
