import type { Ffmpeg } from '../ffmpeg.ts';
import type { Film } from './film.ts';
import { createPacketSearch, readPacket } from './packet-search.ts';
import { showPackets } from './video-head.ts';

/** Seconds before the end where the last picture is looked for first. */
const lastSeconds = 10;

/**
 * Seconds from the first picture to the end of the last one. `length` of a film reaches to the end of its sound where
 * that is later.
 */
export async function picturesLength(
  { info, length, frameRate }: Pick<Film, 'info' | 'length' | 'frameRate'>,
  source: { readonly input: string; readonly signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<number> {
  const measure = async (interval: string) => {
    const found = createPacketSearch(Number.POSITIVE_INFINITY);
    // Some containers do not say how long a picture is shown: then it is as long as the others.
    const add = (packet: NonNullable<ReturnType<typeof readPacket>>) =>
      found.add(packet.duration > 0 ? packet : { ...packet, duration: 1 / frameRate });
    if (info.packets !== null) for (const packet of info.packets) add(packet);
    else {
      const onLine = (line: string) => {
        const packet = readPacket(line);
        if (packet !== null) add(packet);
      };
      await ffmpeg.list({ ...source, show: showPackets(info.streamIndex, interval), onLine });
    }
    return found.end;
  };
  const near = info.firstPicture + length - lastSeconds;
  const isShort = info.packets !== null || info.isCounted || near <= info.firstPicture;
  const end = (isShort ? null : await measure(`${near.toFixed(6)}%`)) ?? (await measure('%'));
  return end === null ? length : Math.max(0, Math.min(length, end - info.firstPicture));
}
