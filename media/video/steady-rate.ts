import type { Ffmpeg } from '../ffmpeg.ts';
import type { Film } from './film.ts';
import { readPacket, type VideoPacket } from './packet-search.ts';
import { showPackets } from './video-head.ts';

/** How far a picture may lie beside its place, in seconds and in frames: some containers round times to a millisecond. */
const tolerance = { seconds: 0.001, frames: 0.3 };

/**
 * The rate at which all pictures of a film come, as a ratio such as `30000/1001`; null where they last differently long,
 * and for a container without a clock whose rate nobody says. Looks at every packet and keeps none.
 */
export async function steadyRate(
  { info, declaredRates, frameRate }: Film,
  source: { readonly input: string; readonly signal: AbortSignal },
  ffmpeg: Ffmpeg,
): Promise<string | null> {
  const counted = [...new Set([...declaredRates, String(frameRate)])];
  if (info.isCounted) return counted[0] ?? null;
  const checks = counted.map((rate) => createRateCheck(rate, info.firstPicture));
  const add = (packet: VideoPacket) => {
    for (const check of checks) check.add(packet.time);
  };
  const steady = () => checks.find((check) => check.isSteady())?.rate ?? '';
  if (info.packets !== null) {
    for (const packet of info.packets) add(packet);
    return steady() || null;
  }
  const found = await ffmpeg.remembered({
    input: source.input,
    question: ['steady rate', String(info.streamIndex), ...counted],
    find: async () => {
      const onLine = (line: string) => {
        const packet = readPacket(line);
        if (packet !== null) add(packet);
      };
      await ffmpeg.list({ ...source, show: showPackets(info.streamIndex, '%'), onLine });
      return steady();
    },
  });
  return found || null;
}

/** Whether pictures lie at every frame of a rate, one at each and none beside; in whatever order they come. */
export function createRateCheck(rate: string, first: number) {
  const [top = 0, bottom = 1] = rate.split('/').map(Number);
  const perSecond = top / bottom;
  let count = 0;
  let last = 0;
  let isOnGrid = perSecond > 0;
  return {
    rate,
    add(time: number): void {
      const place = (time - first) * perSecond;
      const beside = Math.abs(place - Math.round(place));
      isOnGrid &&= beside <= tolerance.frames && beside / perSecond <= tolerance.seconds;
      last = Math.max(last, Math.round(place));
      count += 1;
    },
    isSteady: () => isOnGrid && count === last + 1,
  };
}
