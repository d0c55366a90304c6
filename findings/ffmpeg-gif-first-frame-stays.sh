#!/usr/bin/env bash
# ffmpeg's GIF encoder (@ffmpeg-installer/linux-x64 4.1.0, and 5.1.9 of Debian 12) leaves the first frame under transparent ones.
#
# A GIF of three frames, the first red all over, the others transparent all over, with a palette that has a transparent color:
# players show red throughout. The file says of each frame that it stays (disposal 1), so what is transparent in the second one
# shows the first. ffmpeg's own decoder and libvips (sharp 0.35.5) agree on what there is to see. Seen on Linux x64:
#
#   disposal of red, clear, clear: 1 1 1
#   alpha of the second frame of red, clear, clear: 255 by ffmpeg, 255 by libvips
#
# Fails where a version answers otherwise. Needs Linux on x64, npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact @ffmpeg-installer/linux-x64@4.1.0 sharp@0.35.5
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
picture() { "$ffmpeg" -nostdin -v error -f lavfi -i "color=c=$1:s=16x16:d=1,format=rgba" -frames:v 1 -c:v png -f image2pipe -; }
for color in red black@0 black@0; do picture "$color"; done > stream
"$ffmpeg" -nostdin -v error -f png_pipe -framerate 10 -i stream \
  -filter_complex 'format=rgba,split[a][b];[a]palettegen[p];[b][p]paletteuse' -f gif red-first.gif
"$ffmpeg" -nostdin -v error -i red-first.gif -vsync 0 -pix_fmt rgba -f rawvideo frames.rgba
cat > try.mjs <<'JS'
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
/** The disposal method of each frame, as its graphic control extension has it. */
const disposals = (file) => {
  const bytes = readFileSync(file);
  const found = [];
  for (let at = bytes.indexOf(Buffer.from([0x21, 0xf9, 4])); at >= 0; at = bytes.indexOf(Buffer.from([0x21, 0xf9, 4]), at + 8))
    found.push((bytes[at + 3] >> 2) & 7);
  return found.join(' ');
};
const byFfmpeg = readFileSync('frames.rgba')[16 * 16 * 4 + 3];
const { data } = await sharp('red-first.gif', { page: 1 }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
const lines = [
  `disposal of red, clear, clear: ${disposals('red-first.gif')}`,
  `alpha of the second frame of red, clear, clear: ${byFfmpeg} by ffmpeg, ${data[3]} by libvips`,
];
console.log(lines.join('\n'));
const expected = ['1 1 1', '255 by ffmpeg, 255 by libvips'];
process.exit(lines.every((line, index) => line.endsWith(`: ${expected[index]}`)) ? 0 : 1);
JS
node try.mjs
