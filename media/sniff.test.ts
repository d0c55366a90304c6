import { describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makeAnimatedGif, makePicture, mediaPath } from '../testing/media.ts';
import { chunk, handMadePng } from '../testing/png.ts';
import { sniffMedia } from './sniff.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
let files = 0;

async function sniff(content: Buffer | string) {
  const file = mediaPath(`sniffed-${(files += 1)}`);
  await writeFile(file, content);
  return sniffMedia(file, { isForeign: true });
}

async function refusal(content: Buffer | string): Promise<string> {
  const error = await sniff(content).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'TerminalError', code: 'UNSUPPORTED_MEDIA' });
  return (error as Error).message;
}

const page = '<!doctype html><html><body><script>alert(1)</script><svg onload="x"></svg><?php x ?></body></html>';

test.each([
  ['png-prompt-names-tags', 'png-prompt-names-tags.png', 'image/png'],
  ['jpeg-xmp-svg', 'jpeg-xmp-svg.jpg', 'image/jpeg'],
  ['avif-major-mif1-upload', 'avif-major-mif1.avif', 'image/avif'],
  ['avif-major-MA1B-upload', 'avif-major-MA1B.avif', 'image/avif'],
  ['avif-animated', 'avif-animated.avif', 'image/avif'],
])('%s: a picture is taken for what it is', async (_id, name, mimeType) => {
  expect(await sniffMedia(fixture(name), { isForeign: true })).toMatchObject({ kind: 'image', mimeType });
});

describe('text about a picture may speak of anything', () => {
  const rows = [Uint8Array.of(1, 2, 3)];
  const gifWith = async (extension: Buffer) => {
    const gif = await readFile(
      await makeAnimatedGif([
        [220, 30, 30],
        [30, 30, 220],
      ]),
    );
    return Buffer.concat([gif.subarray(0, -1), extension, gif.subarray(-1)]);
  };
  const webpWith = async (name: string) => {
    const webp = await sharp(await makePicture('png'))
      .webp()
      .withExif({ IFD0: { Artist: 'x' } })
      .toBuffer();
    const head = Buffer.alloc(8);
    head.write(name);
    head.writeUInt32LE(page.length + (page.length % 2), 4);
    const longer = Buffer.concat([webp, head, Buffer.from(page.padEnd(page.length + (page.length % 2)))]);
    longer.writeUInt32LE(longer.length - 8, 4);
    return longer;
  };

  test.each(['tEXt', 'iTXt', 'zTXt', 'eXIf'])('in a %s chunk of a PNG', async (name) => {
    for (const place of ['before', 'after'] as const) {
      const png = handMadePng({ rows, width: 1, [place]: [chunk(name, Buffer.from(`prompt\0${page}`))] });
      expect(await sniff(png)).toMatchObject({ mimeType: 'image/png' });
    }
  });

  test.each([
    ['EXIF or XMP', 0xe1],
    ['IPTC', 0xed],
    ['a comment', 0xfe],
  ])('in %s of a JPEG', async (_what, marker) => {
    const jpeg = await readFile(await makePicture('jpeg'));
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(page.length + 2, 2);
    const whole = Buffer.concat([jpeg.subarray(0, 2), head, Buffer.from(page), jpeg.subarray(2)]);
    expect(await sniff(whole)).toMatchObject({ mimeType: 'image/jpeg' });
  });

  test('in a comment of a GIF', async () => {
    const comment = Buffer.concat([Buffer.from([0x21, 0xfe, page.length]), Buffer.from(page), Buffer.from([0])]);
    expect(await sniff(await gifWith(comment))).toMatchObject({ mimeType: 'image/gif' });
  });

  test.each(['XMP ', 'EXIF'])('in the %s chunk of a WebP', async (name) => {
    expect(await sniff(await webpWith(name))).toMatchObject({ mimeType: 'image/webp' });
  });

  test('in the XMP of an AVIF', async () => {
    const avif = await sharp(await makePicture('png'))
      .avif()
      .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${page}</x:xmpmeta>`)
      .toBuffer();
    expect(avif.includes('<script>')).toBe(true);
    expect(await sniff(avif)).toMatchObject({ mimeType: 'image/avif' });
  });

  test('also where it is long, and where much of it is short', async () => {
    const long = [chunk('tEXt', Buffer.from(`prompt\0${page.repeat(8_000)}`))];
    const many = Array.from({ length: 20_000 }, () => chunk('tEXt', Buffer.from(`p\0<svg >`)));
    for (const before of [long, many])
      expect(await sniff(handMadePng({ rows, width: 1, before }))).toMatchObject({ mimeType: 'image/png' });
  });
});

describe('a page that poses as a picture is refused', () => {
  const rows = [Uint8Array.of(1, 2, 3)];
  const hides = /also holds a web page or a script/;

  test('behind the end of a picture', async () => {
    for (const format of ['png', 'jpeg', 'gif', 'webp', 'avif'] as const) {
      expect(await refusal(Buffer.concat([await readFile(await makePicture(format)), Buffer.from(page)]))).toMatch(
        hides,
      );
    }
  });

  test('behind its end in what looks like a place for text', async () => {
    const png = handMadePng({ rows, width: 1 });
    expect(await refusal(Buffer.concat([png, chunk('tEXt', Buffer.from(page))]))).toMatch(hides);
    const jpeg = await readFile(await makePicture('jpeg'));
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, page.length + 2]), Buffer.from(page)]);
    expect(await refusal(Buffer.concat([jpeg, comment]))).toMatch(hides);
  });

  test('in a chunk that is not for text, and in a text that never ends', async () => {
    expect(await refusal(handMadePng({ rows, width: 1, before: [chunk('teXt', Buffer.from(page))] }))).toMatch(hides);
    const endless = chunk('tEXt', Buffer.from(page));
    endless.writeUInt32BE(1_000_000, 0);
    expect(await refusal(handMadePng({ rows, width: 1, before: [endless] }))).toMatch(hides);
  });

  test('with the first bytes of a GIF alone', async () => {
    expect(await refusal(`GIF89a/*${page}`)).toMatch(hides);
  });
});

describe('what is not taken is named, with what to do', () => {
  const iso = (...brands: string[]) => {
    const head = Buffer.alloc(16 + 4 * (brands.length - 1));
    head.writeUInt32BE(head.length, 0);
    head.write(`ftyp${brands[0]}`, 4, 'latin1');
    for (const [index, brand] of brands.slice(1).entries()) head.write(brand, 16 + 4 * index, 'latin1');
    return Buffer.concat([head, Buffer.alloc(64)]);
  };

  test.each<[string, Buffer | string, RegExp]>([
    ['HEIC', iso('heic', 'mif1', 'heic'), /a HEIC photo, which is not accepted. Convert it to JPEG/],
    ['HEIF by its list of brands', iso('mif1', 'heic'), /a HEIF image, which is not accepted. Convert it to JPEG/],
    [
      'JPEG XL',
      Buffer.from('0000000c4a584c200d0a870a00000014667479706a786c20000000006a786c20', 'hex'),
      /a JPEG XL image/,
    ],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', /an SVG drawing, .*Save it as PNG/],
    [
      'SVG with a head',
      '<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg"/>',
      /an SVG drawing/,
    ],
    ['PSD', Buffer.from('384250530001000000000000000300000001000000010008000300000000', 'hex'), /a Photoshop file/],
    ['BMP', Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]), /a BMP image/],
    [
      'text in UTF-16',
      Buffer.from('\ufeffnotes', 'utf16le'),
      /a text in UTF-16, which is not accepted. Save it as UTF-8/,
    ],
    ['text in Latin-1', Buffer.from('caf\u00e9', 'latin1'), /a text that is not UTF-8/],
    ['numbers without meaning', Buffer.from([0, 1, 2, 3, 4, 5]), /cannot be told from its content/],
    ['an archive', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'), /an archive/],
  ])('%s', async (_what, content, message) => {
    expect(await refusal(content)).toMatch(message);
  });
});
