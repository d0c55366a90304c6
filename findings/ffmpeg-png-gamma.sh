#!/usr/bin/env bash
# ffmpeg (@ffmpeg-installer/linux-x64 4.1.0) writes a gamma into the PNG of a BT.709 video frame that makes it lighter.
#
# A gray of 128 that was tagged as BT.709, as HD video usually is, is taken out with `ffmpeg -i clip.mp4 -frames:v 1
# frame.png`. The pixels are 128, but the file says gAMA 50994 (1 / 1.961), so a viewer that follows the PNG standard, as
# browsers do, shows (128 / 255) ^ 1.961 of the light, which is 139 on an sRGB screen. Without tags there is no gAMA and
# 128 stays 128. Seen on Linux x64; ffmpeg 5.1.9 of Debian 12 writes the same:
#
#   tagged BT.709: pixel 128, gAMA 50994, shown as 139
#   without tags: pixel 128, no gAMA, shown as 128
#
# Fails where a version answers otherwise. Needs Linux on x64, npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact sharp@0.35.5 @ffmpeg-installer/linux-x64@4.1.0
ffmpeg=node_modules/@ffmpeg-installer/linux-x64/ffmpeg
tags=(-colorspace bt709 -color_primaries bt709 -color_trc bt709)
gray=(-nostdin -v error -f lavfi -i color=0x808080:s=64x48:r=10:d=0.3 -c:v libx264 -qp 2 -pix_fmt yuv420p)
"$ffmpeg" "${gray[@]}" "${tags[@]}" tagged.mp4
"$ffmpeg" "${gray[@]}" plain.mp4
for name in tagged plain; do "$ffmpeg" -nostdin -v error -i "$name.mp4" -frames:v 1 "$name.png"; done
cat > try.mjs <<'JS'
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
const gammaOf = (png) => {
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'gAMA') return png.readUInt32BE(at + 8);
  }
  return null;
};
/** W3C PNG: the light is the value to the power of 1 / gamma; then as sRGB is encoded. */
const shown = (value, gamma) => {
  if (gamma === null) return value;
  const light = (value / 255) ** (100_000 / gamma);
  return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
};
const seen = [];
for (const [name, title] of [['tagged', 'tagged BT.709'], ['plain', 'without tags']]) {
  const png = readFileSync(`${name}.png`);
  const gamma = gammaOf(png);
  // The pixels as they are stored: libvips does not read gAMA.
  const [pixel] = await sharp(png).raw().toBuffer();
  seen.push(`pixel ${pixel}, ${gamma === null ? 'no gAMA' : `gAMA ${gamma}`}, shown as ${shown(pixel, gamma)}`);
  console.log(`${title}: ${seen.at(-1)}`);
}
const expected = ['pixel 128, gAMA 50994, shown as 139', 'pixel 128, no gAMA, shown as 128'];
process.exit(seen.join() === expected.join() ? 0 : 1);
JS
node try.mjs
