import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeCountingClip, makePicture, makeRotatedClip, makeVariableRateClip } from '../../../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../../../testing/node-runs.ts';
import { probeFile } from '../../../testing/film-facts.ts';
import { videoInfoExecutor } from './executor.ts';

let runs: NodeRuns;
beforeAll(async () => {
  runs = await startNodeRuns();
});
afterAll(() => runs.stop());

const fixture = (name: string) => new URL(`../../../media/fixtures/${name}`, import.meta.url).pathname;

async function factsOf(file: string): Promise<Record<string, unknown>> {
  const { output } = await runs.run(videoInfoExecutor, {}, { video: await runs.assetOf(file) });
  return output as Record<string, unknown>;
}

test('a clip with sound is described as ffprobe sees it', async () => {
  const file = await makeCountingClip({ audio: true });
  const { streams } = await probeFile(file);
  const picture = streams.find(({ codec_type: type }) => type === 'video')!;
  expect(await factsOf(file)).toMatchObject({
    container: 'mp4',
    durationSeconds: 3.4,
    width: 64,
    height: 48,
    aspectRatio: '4:3',
    rotation: 0,
    isMirrored: false,
    frameRate: 10,
    isFrameRateVariable: null,
    frameCount: Number(picture.nb_read_frames),
    codec: 'h264',
    hdr: null,
    sound: { codec: 'aac', channels: 1, sampleRate: 44_100, language: '' },
    tracks: { video: 1, audio: 1, subtitle: 0 },
  });
});

test('a clip without sound says so', async () => {
  expect(await factsOf(await makeCountingClip())).toMatchObject({ sound: null, tracks: { audio: 0 } });
});

test('a phone that was held upright: the sides are those that are seen, with the turn', async () => {
  expect(await factsOf(await makeRotatedClip())).toMatchObject({ width: 60, height: 80, rotation: 90 });
  expect(await factsOf(fixture('sar-4x3-turn-180.mp4'))).toMatchObject({ rotation: 180, isMirrored: false });
});

test('frames that last differently long are told', async () => {
  expect(await factsOf(await makeVariableRateClip([0, 0.04, 0.5, 0.51, 2]))).toMatchObject({
    isFrameRateVariable: true,
  });
});

test('a clock that begins later, a misread rate and HDR', async () => {
  const late = await factsOf(fixture('clock-30s.mkv'));
  expect(late).toMatchObject({ container: 'matroska' });
  expect(late['durationSeconds']).toBeLessThan(10);
  const misread = fixture('rate-misread.webm');
  const counted = Number((await probeFile(misread)).streams[0]!.nb_read_frames);
  expect(await factsOf(misread)).toMatchObject({ frameCount: counted });
  expect(await factsOf(fixture('hdr-pq-58.webm'))).toMatchObject({ hdr: 'PQ' });
});

test('a picture and a missing edge are refused', async () => {
  await expect(
    runs.run(videoInfoExecutor, {}, { video: await runs.assetOf(await makePicture('png')) }),
  ).rejects.toMatchObject({ code: 'TYPE_MISMATCH' });
  await expect(runs.run(videoInfoExecutor, {})).rejects.toMatchObject({
    code: 'INPUT_MISSING',
    message: 'Nothing is connected to the input "video". Connect a video.',
  });
});
