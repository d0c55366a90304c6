import { stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { programOperation } from '../operation.ts';
import { describeFilm } from '../video/film.ts';
import { planColors } from '../video/video-colors.ts';
import type { Turn } from '../video/video-info.ts';

/** What a video is, in words of this project; written as JSON and given back. Throws VIDEO_*. */
export const videoFacts = programOperation({
  name: 'video facts',
  params: z.looseObject({}),
  async work({ input, output, signal }, tools) {
    const film = await describeFilm({ input, signal }, tools);
    const { info } = film;
    const { color } = info;
    const { size: bytes } = await stat(input);
    const transfer = planColors(color).table?.transfer;
    const facts = {
      container: film.container === 'mov' ? 'mp4' : film.container,
      bytes,
      durationSeconds: Math.round(film.length * 1_000) / 1_000,
      /** Upright, with square pixels. */
      width: info.width,
      height: info.height,
      aspectRatio: aspectOf(info.width, info.height),
      /** Clockwise, in degrees, that players turn the stored picture by. */
      rotation: rotationOf(info.turn),
      isMirrored: isMirror(info.turn),
      frameRate: film.frameRate,
      isFrameRateVariable: film.isRateVariable,
      frameCount: info.packets?.length ?? info.frameCount,
      codec: film.codec,
      profile: film.profile,
      bitRate: film.bitRate,
      pixelFormat: color.pixelFormat,
      hdr: transfer === 'pq' || transfer === 'hlg' ? transfer.toUpperCase() : null,
      color: { matrix: color.matrix, primaries: color.primaries, transfer: color.transfer, range: color.range },
      sound:
        film.sound === null
          ? null
          : {
              codec: film.sound.codec,
              channels: film.sound.channels,
              sampleRate: film.sound.sampleRate,
              bitRate: film.sound.bitRate,
              language: film.sound.language,
            },
      tracks: { ...film.tracks },
    };
    await writeFile(output, JSON.stringify(facts));
    return facts;
  },
});

/** `16:9`; sides that have no small ratio are given as they are. */
function aspectOf(width: number, height: number): string {
  const common = divisor(width, height);
  return `${width / common}:${height / common}`;
}

function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}

function isMirror({ isTransposed, flipsX, flipsY }: Turn): boolean {
  return [isTransposed, flipsX, flipsY].filter(Boolean).length % 2 === 1;
}

/** Of a mirrored picture: the turn that comes after the mirror at the vertical axis. */
function rotationOf({ isTransposed, flipsX, flipsY }: Turn): number {
  if (isTransposed) return flipsX ? 90 : 270;
  return flipsY ? 180 : 0;
}
