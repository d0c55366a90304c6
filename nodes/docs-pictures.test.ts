import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { ExecutionContext, NodeExecutor } from '../core/node-type/executor.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import type { AssetReference, NodeInputs, OutputValue } from '../core/node-type/values.ts';
import { outputsOfAnswer } from '../core/waits/answer.ts';
import { questionSchema } from '../core/waits/question.ts';
import { installedFfmpeg } from '../testing/frame-taker.ts';
import { mediaPath } from '../testing/media.ts';
import { startNodeRuns, type NodeRuns } from '../testing/node-runs.ts';
import { startRecordingServer, type RecordingServer } from '../testing/recording-server.ts';
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
import { codeExecutor } from './connect/code/executor.ts';
import { httpExecutor } from './connect/http/executor.ts';
import { saveExecutor } from './connect/save/executor.ts';
import { approveExecutor } from './flow/approve/executor.ts';
import { chooseExecutor } from './flow/choose/executor.ts';
import { collectExecutor } from './flow/collect/executor.ts';
import { delayExecutor } from './flow/delay/executor.ts';
import { ifExecutor } from './flow/if/executor.ts';
import { mergeExecutor } from './flow/merge/executor.ts';
import { outputExecutor } from './flow/output/executor.ts';
import { pickExecutor } from './flow/pick/executor.ts';
import { repeatExecutor } from './flow/repeat/executor.ts';
import { switchExecutor } from './flow/switch/executor.ts';
import { untilExecutor } from './flow/until/executor.ts';
import { extractJsonExecutor } from './text/extract-json/executor.ts';
import { joinTextExecutor } from './text/join/executor.ts';
import { replaceTextExecutor } from './text/replace/executor.ts';
import { splitTextExecutor } from './text/split/executor.ts';
import { templateExecutor } from './text/template/executor.ts';
import { callWorkflowNode } from './flow/call-workflow/definition.ts';
import { nodeCatalogue, nodeDefinitions } from './definitions.ts';

/*
 * The pictures of docs/nodes.md: what the nodes make of the samples that come with the app. Each run compares them with
 * what is there; `UPDATE_IMAGES=1 npm test -- nodes/docs-pictures.test.ts` renews them.
 */

const isRenewed = process.env['UPDATE_IMAGES'] !== undefined;
const pictures = fileURLToPath(new URL('../docs/images/nodes/', import.meta.url));
const sample = (name: string) => fileURLToPath(new URL(`../web/public/samples/${name}`, import.meta.url));

let runs: NodeRuns;
/** Plays the service that the `http` node asks. */
let shown: RecordingServer;
let photo: AssetReference;
let clip: AssetReference;
let frames: OutputValue;
/** Words with pauses, and something steady. */
let talk: AssetReference;
let music: AssetReference;
beforeAll(async () => {
  if (isRenewed) await mkdir(pictures, { recursive: true });
  shown = await startRecordingServer('127.0.0.2');
  runs = await startNodeRuns({ allow: ['127.0.0.2'] });
  const small = mediaPath('photo.jpg');
  await sharp(sample('flask.jpg')).resize(640).jpeg({ quality: 92 }).toFile(small);
  const short = mediaPath('clip.mp4');
  const size = ['-vf', 'scale=320:180,fps=10', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-bf', '0'];
  await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', '-i', sample('turn.mp4'), ...size, '-an', short]);
  [photo, clip] = [await runs.assetOf(small), await runs.assetOf(short)];
  [talk, music] = [
    await soundOf('talk.wav', '0.3*sin(2*PI*330*t)*(0.6+0.4*sin(2*PI*5*t))*gt(sin(2*PI*0.5*(t-0.5)),0.2)'),
    await soundOf('music.wav', '0.5*sin(2*PI*140*t)*(0.8+0.2*sin(2*PI*1.5*t))'),
  ];
  frames = (await runs.run(extractFramesExecutor, { by: 'count', count: 4 }, { video: clip }))['output']!;
});
afterAll(async () => {
  await runs.stop();
  await shown.stop();
});

const outputOf = async (executor: NodeExecutor, data: object, inputs: NodeInputs): Promise<OutputValue> =>
  (await runs.run(executor, data, inputs))['output']!;

async function soundOf(name: string, expression: string): Promise<AssetReference> {
  const file = mediaPath(name);
  const source = ['-f', 'lavfi', '-i', `aevalsrc='${expression}':s=44100:d=6`];
  await promisify(execFile)(installedFfmpeg, ['-v', 'error', '-y', ...source, '-c:a', 'pcm_s16le', file]);
  return runs.assetOf(file);
}

const ground = '#f4f1ec';

/** How loud sounds are over time, one below the other, as ffmpeg draws them: half a second is 40 pixels. */
async function wavesOf(sounds: readonly OutputValue[]): Promise<Buffer> {
  const waves = [];
  for (const [index, sound] of sounds.entries()) {
    const file = await runs.fileOf(sound);
    const width = Math.round(((sound as AssetReference).durationMs ?? 6_000) / 12.5);
    const color = index === sounds.length - 1 ? '0xc2410c' : '0x8a8178';
    const draw = `[0:a:0]aformat=channel_layouts=mono,showwavespic=s=${width}x80:colors=${color}[wave]`;
    const drawn = mediaPath(`wave-${index}.png`);
    const args = ['-v', 'error', '-y', '-i', file, '-filter_complex', draw, '-map', '[wave]', '-frames:v', '1', drawn];
    await promisify(execFile)(installedFfmpeg, args);
    waves.push({ input: await readFile(drawn), left: 8, top: 8 + index * 96, width });
  }
  const width = Math.max(...waves.map((wave) => wave.width)) + 16;
  return sharp({ create: { width, height: waves.length * 96, channels: 3, background: ground } })
    .composite(waves.map(({ input, left, top }) => ({ input, left, top })))
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

/** A value as it is read, one field on a line. */
async function words(value: OutputValue): Promise<OutputValue> {
  const text = Object.entries(value as object)
    .map(([name, part]) => `${name}: ${JSON.stringify(part).slice(0, 60)}`)
    .join('\n');
  const card = mediaPath('card.png');
  await sharp({ create: { width: 640, height: 320, channels: 3, background: ground } })
    .png()
    .toFile(card);
  const style = { family: 'mono', bold: false, size: 5, color: '#292524', outline: 0, align: 'left', vertical: 'top' };
  return outputOf(drawTextExecutor, { text, ...style }, { image: await runs.assetOf(card) });
}

/** What goes in and what is set, in gray, and below it what comes out, in orange: how nodes without media are shown. */
async function cardOf(told: object, made: object): Promise<OutputValue> {
  const linesOf = (fields: object) =>
    Object.entries(fields).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  const [above, below] = [linesOf(told).join('\n'), linesOf(made).join('\n')];
  const height = 24 * `${above}\n${below}`.split('\n').length + 44;
  const card = mediaPath('card.png');
  await sharp({ create: { width: 640, height, channels: 3, background: ground } })
    .png()
    .toFile(card);
  const style = { family: 'mono', bold: false, size: 1_600 / height, outline: 0, align: 'left' };
  const first = await outputOf(
    drawTextExecutor,
    { ...style, text: above, color: '#6b645c', vertical: 'top' },
    { image: await runs.assetOf(card) },
  );
  return outputOf(drawTextExecutor, { ...style, text: below, color: '#c2410c', vertical: 'bottom' }, { image: first });
}

/** A card of what an executor made of settings and inputs. */
const cardOfRun = async (executor: NodeExecutor, data: object, inputs: object = {}, change = {}) =>
  cardOf({ ...inputs, ...data }, await runs.run(executor, data, inputs as NodeInputs, change));

/** A card of a question, and of what an answer to it gives. */
async function cardOfQuestion(
  executor: NodeExecutor,
  data: object,
  inputs: NodeInputs,
  answer: Parameters<typeof outputsOfAnswer>[2],
): Promise<OutputValue> {
  const config = nodeCatalogue.get(executor.type)!.configSchema.parse(data);
  const waiting = await executor.execute({ config, inputs } as unknown as ExecutionContext<unknown>);
  if (!(waiting instanceof Suspension)) throw new Error(`${executor.type} did not ask.`);
  const question = questionSchema.parse(waiting.request.payload);
  return cardOf({ ...inputs, ...data }, outputsOfAnswer(question, inputs, answer, 'kim@example.com'));
}

/** One image of what came out: of lists and videos a strip. */
async function pictureOf(output: OutputValue | Buffer): Promise<Buffer> {
  if (Buffer.isBuffer(output)) return output;
  if (Array.isArray(output)) {
    const strip = { columns: 4, cellWidth: 160, gap: 6, background: ground };
    return pictureOf(await outputOf(gridImagesExecutor, strip, { images: [output] } as NodeInputs));
  }
  const asset = output as AssetReference;
  if (asset.mimeType.startsWith('video/')) {
    return pictureOf(await outputOf(extractFramesExecutor, { by: 'count', count: 4 }, { video: asset }));
  }
  return sharp(await runs.fileOf(output))
    .resize(640, 320, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: ground })
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

const square = { mode: 'cover', width: 200, height: 200 };
const subtitles = '1\n00:00:00,000 --> 00:00:04,000\nDouble walls keep it warm.\n';

/** By the name of the picture. */
const cases: Readonly<Record<string, () => Promise<OutputValue | Buffer>>> = {
  'crop-image': () =>
    outputOf(
      cropImageExecutor,
      { x_percent: 34, y_percent: 9, width_percent: 32, height_percent: 78 },
      { image_url: photo },
    ),
  'resize-image': () =>
    outputOf(resizeImageExecutor, { mode: 'pad', fill: 'blur', width: 320, height: 320 }, { image: photo }),
  'rotate-image': () => outputOf(rotateImageExecutor, { degrees: 12, corners: 'fill' }, { image: photo }),
  'adjust-image': () => outputOf(adjustImageExecutor, { contrast: 30, saturation: 60, hue: -40 }, { image: photo }),
  'convert-image': () => outputOf(convertImageExecutor, { format: 'jpeg', limited: true, maxKb: 8 }, { image: photo }),
  'image-info': async () => words(await outputOf(imageInfoExecutor, {}, { image: photo })),
  'compose-images': async () =>
    outputOf(
      composeImagesExecutor,
      { layers: [{ id: 'layer_a', width: 30, anchor: 'top right', x: -4, y: 6, rotation: 8, opacity: 90 }] },
      { base: photo, layer_a: await outputOf(adjustImageExecutor, { grayscale: true }, { image: photo }) },
    ),
  'draw-text': () =>
    outputOf(drawTextExecutor, { text: 'Warm all day', size: 14, background: 'text' }, { image: photo }),
  'compare-images': async () =>
    outputOf(compareImagesExecutor, {}, {
      before: photo,
      after: await outputOf(drawTextExecutor, { text: 'New', size: 20 }, { image: photo }),
    } as NodeInputs),
  'grid-images': () =>
    outputOf(
      gridImagesExecutor,
      { columns: 4, cellWidth: 150, title: 'One turn', labels: ['0 s', '1 s', '2 s', '3 s'] },
      { images: [frames] } as NodeInputs,
    ),
  'split-grid': () => outputOf(splitGridExecutor, { columns: 4, rows: 1 }, { image: photo }),
  'extract-frame': () => outputOf(extractFrameExecutor, { timestamp: '50%' }, { video_url: clip }),
  'extract-frames': async () => frames,
  'video-info': async () => words(await outputOf(videoInfoExecutor, {}, { video: clip })),
  'trim-video': () => outputOf(trimVideoExecutor, { from: '25%', to: '50%' }, { video: clip }),
  'speed-video': () => outputOf(speedVideoExecutor, { factor: 2 }, { video: clip }),
  'add-audio': async () => {
    const film = await outputOf(addAudioExecutor, { mode: 'replace' }, { video: clip, audio: music });
    const both = await outputOf(addAudioExecutor, { mode: 'mix', ducked: true }, {
      ...{ video: film, audio: talk },
    } as NodeInputs);
    return wavesOf([
      talk,
      music,
      await outputOf(extractAudioExecutor, { format: 'wav' }, { video: both } as NodeInputs),
    ]);
  },
  'extract-audio': async () => {
    const film = await outputOf(addAudioExecutor, { mode: 'replace' }, { video: clip, audio: talk });
    return wavesOf([await outputOf(extractAudioExecutor, { format: 'mp3' }, { video: film } as NodeInputs)]);
  },
  'trim-audio': async () => wavesOf([talk, await outputOf(trimAudioExecutor, { from: '1', to: '4' }, { audio: talk })]),
  'convert-audio': async () =>
    wavesOf([talk, await outputOf(convertAudioExecutor, { format: 'mp3' }, { audio: talk })]),
  'adjust-audio': async () =>
    wavesOf([
      talk,
      await outputOf(
        adjustAudioExecutor,
        { leveled: true, loudness: -14, silence: 'ends', fadeOut: 2 },
        { audio: talk },
      ),
    ]),
  'join-audio': async () =>
    wavesOf([talk, music, await outputOf(joinAudioExecutor, { crossfade: 1 }, { audio: [talk, music] } as NodeInputs)]),
  'resize-video': () => outputOf(resizeVideoExecutor, { aspect: '1:1', mode: 'blur', height: 180 }, { video: clip }),
  'join-videos': () => outputOf(joinVideosExecutor, { crossfade: 1 }, { videos: [clip, clip] }),
  'overlay-video': () => outputOf(overlayVideoExecutor, { text: 'New', width: 25 }, { video: clip, image: photo }),
  'subtitle-video': () => outputOf(subtitleVideoExecutor, { subtitles, size: 10 }, { video: clip }),
  'video-from-images': () =>
    outputOf(
      videoFromImagesExecutor,
      { seconds: 0.5, transition: 'slide', transitionSeconds: 0.3, shortSide: 180, frameRate: 10 },
      { images: [frames] } as NodeInputs,
    ),
  animate: async () =>
    outputOf(animateExecutor, { format: 'webp', seconds: 0.4, width: 200 }, {
      images: [photo, await outputOf(resizeImageExecutor, square, { image: photo })],
    } as NodeInputs),
};

const letter = 'Please refund order 1042.\n\nIt arrived broken.';
const shop = {
  orders: [
    { id: 1042, price: 30 },
    { id: 1043, price: 12 },
  ],
};

/** Of nodes without media: what goes in, what is set, and what comes out. */
const cards: Readonly<Record<string, () => Promise<OutputValue | Buffer>>> = {
  template: () =>
    cardOfRun(
      templateExecutor,
      { template: 'Dear {{name | upper}}, your {{things | join: " and "}} are ready.' },
      { name: 'Kim', things: ['shoes', 'socks'] },
    ),
  'join-text': () => cardOfRun(joinTextExecutor, { between: 'comma' }, { texts: ['red', 'green', ['blue', 'gray']] }),
  'split-text': () => cardOfRun(splitTextExecutor, { by: 'paragraph' }, { text: letter }),
  'replace-text': () =>
    cardOfRun(
      replaceTextExecutor,
      { find: 'order (\\d+)', replacement: 'order no. $1', mode: 'pattern' },
      { text: letter },
    ),
  'extract-json': () => cardOfRun(extractJsonExecutor, { expression: 'orders[?price > `20`].id' }, { data: shop }),
  if: () => cardOfRun(ifExecutor, { operator: 'contains', operand: 'refund' }, { value: letter }),
  switch: () =>
    cardOfRun(
      switchExecutor,
      {
        cases: [
          { id: 'cheap', label: 'Cheap', operator: 'less', operand: '20' },
          { id: 'dear', label: 'Dear', operator: 'less', operand: '100' },
        ],
      },
      { value: 30 },
    ),
  merge: () => cardOfRun(mergeExecutor, { mode: 'first' }, { values: ['from the branch that was taken'] }),
  pick: () => cardOfRun(pickExecutor, { mode: 'sort', by: 'price' }, { items: shop.orders }),
  collect: () =>
    cardOfRun(collectExecutor, { mode: 'best' }, { items: [['one', 'two', 'three']], scores: [0.2, 0.9, 0.5] }),
  repeat: () => cardOfRun(repeatExecutor, { max: 5 }, { value: 'what the first lap gets' }),
  until: () => cardOfRun(untilExecutor, { operator: 'greater', operand: '0.8' }, { value: 'third draft', check: 0.9 }),
  delay: () => cardOfRun(delayExecutor, { ms: 10 }, { input: ['whatever comes in'] }),
  output: () => cardOfRun(outputExecutor, { name: 'answer' }, { value: 'Warm all day' }),
  approve: () =>
    cardOfQuestion(
      approveExecutor,
      {
        message: 'Publish this?',
        buttons: [
          { id: 'yes', label: 'Publish' },
          { id: 'no', label: 'Again' },
        ],
      },
      { value: ['Warm all day'] },
      { action: 'yes', values: {}, indices: [] },
    ),
  choose: () =>
    cardOfQuestion(
      chooseExecutor,
      { message: 'Which two?', min: 2, max: 2 },
      { items: ['red', 'green', 'blue'] },
      { action: 'choose', values: {}, indices: [0, 2] },
    ),
  'call-workflow': () => {
    const contract = {
      ...{ name: 'Square with caption', version: 3 },
      inputs: [{ name: 'photo', title: 'Photo', dataType: 'image', required: true }],
      outputs: [
        { name: 'square', title: 'Square', dataType: 'image' },
        { name: 'caption', title: 'Caption', dataType: 'text' },
      ],
    };
    const { inputs, outputs } = callWorkflowNode.handles!(
      callWorkflowNode.configSchema.parse({ workflowId: 12, version: 3, contract }),
    );
    const byName = (handles: readonly { readonly id: string; readonly dataType: string }[]) =>
      Object.fromEntries(handles.map(({ id, dataType }) => [id, dataType]));
    return cardOf({ workflow: 'Square with caption, version 3', ...byName(inputs) }, byName(outputs));
  },
  http: async () => {
    shown.replies({ json: shop });
    const data = { url: `${shown.url}/orders`, query: 'of={{customer}}' };
    const made = await runs.run(httpExecutor, data, { customer: 'Kim & Co.' });
    const [request] = shown.requests;
    return cardOf(
      { ...data, url: 'https://shop.example/orders', customer: 'Kim & Co.' },
      { sent: `${request?.method} ${request?.path}`, status: made['status'], output: made['output'] },
    );
  },
  code: () =>
    cardOfRun(
      codeExecutor,
      {
        code: 'return orders.reduce((sum, { price }) => sum + price, 0);',
        inputs: [{ id: 'orders', name: 'orders', type: 'json' }],
        outputs: [{ id: 'output', name: 'output', type: 'number' }],
      },
      { orders: shop.orders },
    ),
  save: async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'heddle-docs-'));
    try {
      const data = { to: 'folder', folder: 'out', name: '{{title}}.{{extension}}' };
      return await cardOfRun(
        saveExecutor,
        data,
        { value: shop, title: 'orders' },
        { saveFolders: new Map([['out', folder]]) },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** A small copy, which says whether two pictures show the same; of letters it has to be larger. */
const gist = (picture: Buffer | string, { width, height }: { readonly width: number; readonly height: number }) =>
  sharp(picture).resize(width, height, { fit: 'fill' }).removeAlpha().raw().toBuffer();

describe('the pictures of docs/nodes.md', () => {
  test.each(Object.entries({ ...cases, ...cards }))('%s shows what the node makes', async (name, make) => {
    const made = await pictureOf(await make());
    const file = `${pictures}${name}.jpg`;
    if (isRenewed) await sharp(made).toFile(file);
    const isCard = Object.hasOwn(cards, name);
    const size = isCard ? { width: 320, height: 80 } : { width: 48, height: 32 };
    const [now, kept] = [await gist(made, size), await gist(file, size)];
    const off = now.reduce((sum, value, at) => sum + Math.abs(value - kept[at]!), 0) / now.length;
    expect(off).toBeLessThan(isCard ? 1 : 6);
  });

  test('every node that works on media, text, data or the way of a run has one', () => {
    const namesOf = (families: readonly string[]) =>
      nodeDefinitions
        .filter(({ category }) => families.includes(category))
        .map(({ type }) => type.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`))
        .toSorted();
    expect(Object.keys(cases).toSorted()).toEqual(namesOf(['image', 'video', 'audio']));
    expect(Object.keys(cards).toSorted()).toEqual(namesOf(['text', 'connect', 'flow']));
  });

  test('each stands in the document, and no other', async () => {
    const text = await readFile(new URL('../docs/nodes.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/\(images\/nodes\/([\w-]+)\.jpg\)/g)].map(([, name]) => name!);
    const names = Object.keys({ ...cases, ...cards });
    expect(named.toSorted()).toEqual(names.toSorted());
    expect((await readdir(pictures)).toSorted()).toEqual(names.map((name) => `${name}.jpg`).toSorted());
  });
});
