/*
 * Draws the sample picture and the sample video of the starter workflow and
 * the templates: `node web/samples/render.mjs`. Needs ffmpeg on PATH. The
 * results are kept in web/public/samples, so nobody has to run this.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const output = fileURLToPath(new URL('../public/samples/', import.meta.url));

/** A flask on a table; `turn` (0-1) moves the light, the label and the mug's shadow around it once. */
function scene(width, height, turn, zoom = 1) {
  const angle = turn * Math.PI * 2;
  const light = 50 + Math.sin(angle) * 34;
  const label = Math.cos(angle);
  const labelX = 800 + Math.sin(angle) * 132;
  const stripe = (offset) => {
    const at = Math.sin(angle + offset) * 148;
    const depth = Math.cos(angle + offset);
    return depth > 0
      ? `<rect x="${800 + at - 9 * depth}" y="330" width="${18 * depth}" height="520" fill="#f2c14e" opacity="${0.25 + depth * 0.55}"/>`
      : '';
  };
  const frame = { w: 1600 / zoom, h: 1200 / zoom };
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${800 - frame.w / 2} ${620 - frame.h / 2 - (zoom === 1 ? 20 : 0)} ${frame.w} ${frame.h}" preserveAspectRatio="xMidYMid slice">
  <defs>
    <radialGradient id="wall" cx="${light}%" cy="34%" r="85%"><stop offset="0" stop-color="#f7e3c8"/><stop offset=".55" stop-color="#dba883"/><stop offset="1" stop-color="#8f5846"/></radialGradient>
    <linearGradient id="table" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7a4a35"/><stop offset="1" stop-color="#3d2219"/></linearGradient>
    <linearGradient id="body" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#0e3b43"/><stop offset="${(light / 100) * 0.72}" stop-color="#1d6a72"/><stop offset="${(light / 100) * 0.72 + 0.1}" stop-color="#57a6a6"/><stop offset="${(light / 100) * 0.72 + 0.22}" stop-color="#1b636b"/><stop offset="1" stop-color="#0a2b31"/></linearGradient>
    <linearGradient id="cap" x1="0" y1="0" x2="1" y2="0"><stop offset="0" stop-color="#2b2622"/><stop offset="${light / 100}" stop-color="#8d8177"/><stop offset="1" stop-color="#1c1815"/></linearGradient>
    <radialGradient id="mug" cx="35%" cy="30%" r="90%"><stop offset="0" stop-color="#fff7ec"/><stop offset="1" stop-color="#cbb8a2"/></radialGradient>
    <filter id="soft"><feGaussianBlur stdDeviation="22"/></filter>
    <filter id="blur"><feGaussianBlur stdDeviation="9"/></filter>
  </defs>
  <rect x="-400" y="-400" width="2400" height="2000" fill="url(#wall)"/>
  <circle cx="1310" cy="300" r="170" fill="#fff1da" opacity=".35" filter="url(#soft)"/>
  <g opacity=".55" filter="url(#blur)" transform="translate(250 330)">
    <path d="M0 470 C-30 250 40 120 10 0 C110 130 90 300 60 470Z" fill="#5d7a4c"/>
    <path d="M50 470 C90 260 170 170 190 60 C220 210 160 340 90 470Z" fill="#6f8f59"/>
    <path d="M20 470 C-60 330 -130 290 -170 190 C-50 240 30 330 60 470Z" fill="#4f6b42"/>
    <rect x="-40" y="440" width="170" height="150" rx="20" fill="#b5653f"/>
  </g>
  <rect x="-400" y="900" width="2400" height="800" fill="url(#table)"/>
  <rect x="-400" y="900" width="2400" height="10" fill="#a86f50" opacity=".6"/>
  <ellipse cx="${800 - Math.sin(angle) * 110}" cy="1010" rx="260" ry="46" fill="#170b07" opacity=".6" filter="url(#soft)"/>
  <ellipse cx="1190" cy="1020" rx="170" ry="34" fill="#170b07" opacity=".5" filter="url(#soft)"/>
  <path d="M1050 770 h280 l-18 210 q-6 44 -60 44 h-124 q-54 0 -60 -44Z" fill="url(#mug)"/>
  <path d="M1322 810 q110 -6 96 84 q-12 76 -112 76" fill="none" stroke="#d8c6b0" stroke-width="30"/>
  <ellipse cx="1190" cy="772" rx="140" ry="26" fill="#4a2a1a"/>
  <ellipse cx="1190" cy="770" rx="140" ry="26" fill="none" stroke="#fff7ec" stroke-width="10"/>
  <rect x="650" y="320" width="300" height="690" rx="46" fill="url(#body)"/>
  ${stripe(1.9)}${stripe(-1.9)}
  ${label > 0 ? `<g transform="translate(${labelX} 600) scale(${label} 1)"><rect x="-96" y="-120" width="192" height="240" rx="14" fill="#f6ead8"/><path d="M-56 -40h112M-56 0h112M-56 40h112" stroke="#1d6a72" stroke-width="9"/><path d="M-70 -64c44 0 44 128 140 128" fill="none" stroke="#f2a33e" stroke-width="15" stroke-linecap="round"/></g>` : ''}
  <rect x="650" y="320" width="300" height="690" rx="46" fill="none" stroke="#06191d" stroke-opacity=".4" stroke-width="4"/>
  <rect x="690" y="250" width="220" height="90" rx="16" fill="#12292d"/>
  <rect x="676" y="150" width="248" height="128" rx="26" fill="url(#cap)"/>
  <path d="M690 196h220M690 224h220" stroke="#000" stroke-opacity=".25" stroke-width="5"/>
  </svg>`;
}

await sharp(Buffer.from(scene(1600, 1200, 0.06)))
  .jpeg({ quality: 82, mozjpeg: true })
  .toFile(join(output, 'flask.jpg'));
await small(join(output, 'flask.jpg'), 'flask-small.jpg');

/** What the small pictures of templates show. */
async function small(file, name) {
  await sharp(file).resize({ width: 320 }).jpeg({ quality: 70, mozjpeg: true }).toFile(join(output, name));
}

const frames = mkdtempSync(join(tmpdir(), 'heddle-samples-'));
try {
  // Four seconds at 25 frames a second: once around.
  for (let index = 0; index < 100; index += 1) {
    const picture = await sharp(Buffer.from(scene(960, 540, index / 100, 1 + 0.18 * Math.sin((index / 100) * Math.PI))))
      .png()
      .toBuffer();
    writeFileSync(join(frames, `${String(index).padStart(3, '0')}.png`), picture);
  }
  await small(join(frames, '000.png'), 'turn-small.jpg');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-framerate', '25', '-i', join(frames, '%03d.png')],
    ...['-c:v', 'libx264', '-preset', 'veryslow', '-crf', '24', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    join(output, 'turn.mp4'),
  ]);
} finally {
  rmSync(frames, { recursive: true });
}
