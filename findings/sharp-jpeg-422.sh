#!/usr/bin/env bash
# sharp 0.35.5 calls a JPEG with 4:2:2 colors "4:2:0", and a program that saves it "as it was" halves its colors once more.
#
# metadata().chromaSubsampling is documented as the picture's, 4:2:0 or 4:4:4. For 4:2:2, as frames of MJPEG have it, it is
# 4:2:0, so a picture saved with that value, or with the default, loses every second row of colors. Seen with sharp 0.35.5
# (libvips 8.18.7) on Node.js 20.20.2; the file is made with ffmpeg of @ffmpeg-installer/linux-x64 4.1.0. The
# factors are those of the JPEG's frame header (luma, then both colors; horizontal, then vertical):
#
#   source: 2x2 1x2 1x2, said to be 4:2:0
#   saved with the value that was said: 2x2 1x1 1x1
#   saved with the default: 2x2 1x1 1x1
#
# Fails where a version answers otherwise. Needs Linux on x64, npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact sharp@0.35.5 @ffmpeg-installer/linux-x64@4.1.0
node_modules/@ffmpeg-installer/linux-x64/ffmpeg -nostdin -v error -f lavfi -i testsrc=s=64x48 -frames:v 1 \
  -pix_fmt yuvj422p -c:v mjpeg -q:v 2 -f image2 source.jpg
cat > try.mjs <<'JS'
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
/** The sampling factors in the frame header (SOF0 to SOF2). */
const factors = (jpeg) => {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const isFrame = jpeg[at + 1] >= 0xc0 && jpeg[at + 1] <= 0xc2;
    if (isFrame) return [11, 14, 17].map((offset) => `${jpeg[at + offset] >> 4}x${jpeg[at + offset] & 15}`).join(' ');
  }
  return 'none';
};
const source = readFileSync('source.jpg');
const { chromaSubsampling } = await sharp(source).metadata();
const asSaid = factors(await sharp(source).jpeg({ chromaSubsampling }).toBuffer());
const byDefault = factors(await sharp(source).jpeg().toBuffer());
console.log(`source: ${factors(source)}, said to be ${chromaSubsampling}`);
console.log(`saved with the value that was said: ${asSaid}`);
console.log(`saved with the default: ${byDefault}`);
const seen = [factors(source), chromaSubsampling, asSaid, byDefault].join('; ');
process.exit(seen === '2x2 1x2 1x2; 4:2:0; 2x2 1x1 1x1; 2x2 1x1 1x1' ? 0 : 1);
JS
node try.mjs
