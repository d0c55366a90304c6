#!/usr/bin/env bash
# sharp 0.35.5 turns a picture of 16 bits with a color profile into Display P3 and hands the numbers out as if they were sRGB.
#
# A PNG of 16 bits whose profile is sRGB itself has 200, 60, 30 in every pixel. Read raw, or saved without a profile, which
# stands for sRGB, it should be 200, 60, 30, as it is with 8 bits and as it is with 16 bits and no profile. Seen with
# sharp 0.35.5 (libvips 8.18.7, lcms 2.19.1) on Node.js 20.20.2:
#
#   8 bits with the profile: raw 200,60,30, saved as PNG 200,60,30, profile in it: no
#   16 bits without a profile: raw 200,60,30, saved as PNG 200,60,30, profile in it: no
#   16 bits with the profile: raw 185,71,43, saved as PNG 185,71,43, profile in it: no
#
# 185, 71, 43 is the same color in Display P3. The cause stands in sharp's src/pipeline.cc: the profile to process in is
# "p3" for pictures of 16 bits. Fails where a version answers otherwise. Needs npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact sharp@0.35.5
cat > try.mjs <<'JS'
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
const color = [200, 60, 30];
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)];
  ends[0].writeUInt32BE(data.length);
  ends[1].writeUInt32BE(crc32(body));
  return Buffer.concat([ends[0], body, ends[1]]);
};
/** 4 x 4 pixels of RGB; in 16 bits each value stands twice, which is the same share of the maximum. */
const png = (bits, profile) => {
  const row = Buffer.from([0, ...Array(4).fill(color.flatMap((value) => (bits === 16 ? [value, value] : [value]))).flat()]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, bits, 2, 0, 0, 0])),
    ...(profile ? [chunk('iCCP', Buffer.concat([Buffer.from('sRGB\0\0', 'latin1'), deflateSync(profile)]))] : []),
    chunk('IDAT', deflateSync(Buffer.concat(Array(4).fill(row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
const blank = { create: { width: 4, height: 4, channels: 3, background: 'red' } };
const { icc } = await sharp(await sharp(blank).withIccProfile('srgb').png().toBuffer()).metadata();
const first = async (input) => [...(await sharp(input).raw().toBuffer()).subarray(0, 3)].join(',');
let failures = 0;
for (const [name, input, expected] of [
  ['8 bits with the profile', png(8, icc), '200,60,30'],
  ['16 bits without a profile', png(16, null), '200,60,30'],
  ['16 bits with the profile', png(16, icc), '185,71,43'],
]) {
  const saved = await sharp(input).png().toBuffer();
  const seen = [await first(input), await first(saved)];
  const hasProfile = (await sharp(saved).metadata()).icc !== undefined;
  console.log(`${name}: raw ${seen[0]}, saved as PNG ${seen[1]}, profile in it: ${hasProfile ? 'yes' : 'no'}`);
  if (hasProfile || seen.some((value) => value !== expected)) failures += 1;
}
process.exit(failures);
JS
node try.mjs
