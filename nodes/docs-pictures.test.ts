import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { NodeInputs } from '../core/node-type/values.ts';
import { makeNodePictures, pictureName, picturesOfNodes, type Shown } from '../testing/node-pictures.ts';
import { adjustAudioExecutor } from './audio/adjust/executor.ts';
import { convertAudioExecutor } from './audio/convert/executor.ts';
import { joinAudioExecutor } from './audio/join/executor.ts';
import { trimAudioExecutor } from './audio/trim/executor.ts';
import { adjustImageExecutor } from './image/adjust/executor.ts';
import { compareImagesExecutor } from './image/compare/executor.ts';
import { composeImagesExecutor } from './image/compose/executor.ts';
import { convertImageExecutor } from './image/convert/executor.ts';
import { cropImageExecutor } from './image/crop/executor.ts';
import { drawTextExecutor } from './image/draw-text/executor.ts';
import { gridImagesExecutor } from './image/grid/executor.ts';
import { imageInfoExecutor } from './image/info/executor.ts';
import { resizeImageExecutor } from './image/resize/executor.ts';
import { rotateImageExecutor } from './image/rotate/executor.ts';
import { splitGridExecutor } from './image/split-grid/executor.ts';
import { addAudioExecutor } from './video/add-audio/executor.ts';
import { animateExecutor } from './video/animate/executor.ts';
import { extractAudioExecutor } from './video/extract-audio/executor.ts';
import { extractFrameExecutor } from './video/extract-frame/executor.ts';
import { extractFramesExecutor } from './video/extract-frames/executor.ts';
import { videoFromImagesExecutor } from './video/from-images/executor.ts';
import { videoInfoExecutor } from './video/info/executor.ts';
import { joinVideosExecutor } from './video/join/executor.ts';
import { overlayVideoExecutor } from './video/overlay/executor.ts';
import { resizeVideoExecutor } from './video/resize/executor.ts';
import { speedVideoExecutor } from './video/speed/executor.ts';
import { subtitleVideoExecutor } from './video/subtitle/executor.ts';
import { trimVideoExecutor } from './video/trim/executor.ts';
import { nodeDefinitions } from './definitions.ts';

/*
 * The pictures of docs/nodes.md of nodes that work on images, videos and sounds: what they make. Those of all others are in
 * docs-cards.test.ts. `UPDATE_IMAGES=1 npm test -- nodes/docs-pictures.test.ts` renews them.
 */

const pictures = makeNodePictures({ isRenewed: process.env['UPDATE_IMAGES'] !== undefined, allow: [] });
const { samples, outputOf, wavesOf, words } = pictures;
const framesOfClip = () => outputOf(extractFramesExecutor, { by: 'count', count: 4 }, { video: samples.clip });

const square = { mode: 'cover', width: 200, height: 200 };
const subtitles = '1\n00:00:00,000 --> 00:00:04,000\nDouble walls keep it warm.\n';

/** By the type of the node. */
const cases: Readonly<Record<string, () => Promise<Shown>>> = {
  cropImage: () =>
    outputOf(
      cropImageExecutor,
      { x_percent: 34, y_percent: 9, width_percent: 32, height_percent: 78 },
      { image_url: samples.photo },
    ),
  resizeImage: () =>
    outputOf(resizeImageExecutor, { mode: 'pad', fill: 'blur', width: 320, height: 320 }, { image: samples.photo }),
  rotateImage: () => outputOf(rotateImageExecutor, { degrees: 12, corners: 'fill' }, { image: samples.photo }),
  adjustImage: () =>
    outputOf(adjustImageExecutor, { contrast: 30, saturation: 60, hue: -40 }, { image: samples.photo }),
  convertImage: () =>
    outputOf(convertImageExecutor, { format: 'jpeg', limited: true, maxKb: 8 }, { image: samples.photo }),
  imageInfo: async () => words(await outputOf(imageInfoExecutor, {}, { image: samples.photo })),
  composeImages: async () =>
    outputOf(
      composeImagesExecutor,
      { layers: [{ id: 'layer_a', width: 30, anchor: 'top right', x: -4, y: 6, rotation: 8, opacity: 90 }] },
      {
        base: samples.photo,
        layer_a: await outputOf(adjustImageExecutor, { grayscale: true }, { image: samples.photo }),
      },
    ),
  drawText: () =>
    outputOf(drawTextExecutor, { text: 'Warm all day', size: 14, background: 'text' }, { image: samples.photo }),
  compareImages: async () =>
    outputOf(compareImagesExecutor, {}, {
      before: samples.photo,
      after: await outputOf(drawTextExecutor, { text: 'New', size: 20 }, { image: samples.photo }),
    } as NodeInputs),
  gridImages: async () =>
    outputOf(
      gridImagesExecutor,
      { columns: 4, cellWidth: 150, title: 'One turn', labels: ['0 s', '1 s', '2 s', '3 s'] },
      { images: [await framesOfClip()] } as NodeInputs,
    ),
  splitGrid: () => outputOf(splitGridExecutor, { columns: 4, rows: 1 }, { image: samples.photo }),
  extractFrame: () => outputOf(extractFrameExecutor, { timestamp: '50%' }, { video_url: samples.clip }),
  extractFrames: framesOfClip,
  videoInfo: async () => words(await outputOf(videoInfoExecutor, {}, { video: samples.clip })),
  trimVideo: () => outputOf(trimVideoExecutor, { from: '25%', to: '50%' }, { video: samples.clip }),
  speedVideo: () => outputOf(speedVideoExecutor, { factor: 2 }, { video: samples.clip }),
  addAudio: async () => {
    const film = await outputOf(addAudioExecutor, { mode: 'replace' }, { video: samples.clip, audio: samples.music });
    const both = await outputOf(addAudioExecutor, { mode: 'mix', ducked: true }, {
      ...{ video: film, audio: samples.talk },
    } as NodeInputs);
    return wavesOf([
      samples.talk,
      samples.music,
      await outputOf(extractAudioExecutor, { format: 'wav' }, { video: both } as NodeInputs),
    ]);
  },
  extractAudio: async () => {
    const film = await outputOf(addAudioExecutor, { mode: 'replace' }, { video: samples.clip, audio: samples.talk });
    return wavesOf([await outputOf(extractAudioExecutor, { format: 'mp3' }, { video: film } as NodeInputs)]);
  },
  trimAudio: async () =>
    wavesOf([samples.talk, await outputOf(trimAudioExecutor, { from: '1', to: '4' }, { audio: samples.talk })]),
  convertAudio: async () =>
    wavesOf([samples.talk, await outputOf(convertAudioExecutor, { format: 'mp3' }, { audio: samples.talk })]),
  adjustAudio: async () =>
    wavesOf([
      samples.talk,
      await outputOf(
        adjustAudioExecutor,
        { leveled: true, loudness: -14, silence: 'ends', fadeOut: 2 },
        { audio: samples.talk },
      ),
    ]),
  joinAudio: async () =>
    wavesOf([
      samples.talk,
      samples.music,
      await outputOf(joinAudioExecutor, { crossfade: 1 }, { audio: [samples.talk, samples.music] } as NodeInputs),
    ]),
  resizeVideo: () =>
    outputOf(resizeVideoExecutor, { aspect: '1:1', mode: 'blur', height: 180 }, { video: samples.clip }),
  joinVideos: () => outputOf(joinVideosExecutor, { crossfade: 1 }, { videos: [samples.clip, samples.clip] }),
  overlayVideo: () =>
    outputOf(overlayVideoExecutor, { text: 'New', width: 25 }, { video: samples.clip, image: samples.photo }),
  subtitleVideo: () => outputOf(subtitleVideoExecutor, { subtitles, size: 10 }, { video: samples.clip }),
  videoFromImages: async () =>
    outputOf(
      videoFromImagesExecutor,
      { seconds: 0.5, transition: 'slide', transitionSeconds: 0.3, shortSide: 180, frameRate: 10 },
      { images: [await framesOfClip()] } as NodeInputs,
    ),
  animate: async () =>
    outputOf(animateExecutor, { format: 'webp', seconds: 0.4, width: 200 }, {
      images: [samples.photo, await outputOf(resizeImageExecutor, square, { image: samples.photo })],
    } as NodeInputs),
};

describe('the pictures of docs/nodes.md', () => {
  test.each(Object.entries(cases))('%s shows what the node makes', async (type, make) => {
    await pictures.compare(type, await make(), 'media');
  });

  test('every node that works on media has one here', () => {
    const families: readonly string[] = ['image', 'video', 'audio'];
    const types = nodeDefinitions.filter(({ category }) => families.includes(category)).map(({ type }) => type);
    expect(Object.keys(cases).toSorted()).toEqual(types.toSorted());
  });

  test('each type has a line and one picture in the document, and no other picture is there', async () => {
    const text = await readFile(new URL('../docs/nodes.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/^\| `(\w+)` +\| [^|]+ \| !\[\1: [^\]]+\]\(images\/nodes\/([\w-]+)\.jpg\)/gm)];
    const types = nodeDefinitions.map(({ type }) => type).toSorted();
    expect(named.map(([, type]) => type).toSorted()).toEqual(types);
    expect(named.map(([, , name]) => name).toSorted()).toEqual(types.map(pictureName).toSorted());
    expect((await readdir(picturesOfNodes)).toSorted()).toEqual(
      types.map((type) => `${pictureName(type)}.jpg`).toSorted(),
    );
    const lines = [...text.matchAll(/^\| `(\w+)` +\|(?![^|]+\| !\[)/gm)].map(([, type]) => type);
    expect(types.filter((type) => !lines.includes(type))).toEqual([]);
  });
});
