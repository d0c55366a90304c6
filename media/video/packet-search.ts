/*
 * Looks for one picture among the packets of a video while ffprobe lists them.
 * A video may have hundreds of thousands: none but a few is kept.
 */

/** One packet as ffprobe lists it; times are seconds. */
export interface VideoPacket {
  /** Presentation time on the file's clock in seconds; decoding time where the container has no other. */
  readonly time: number;
  readonly duration: number;
  readonly isKey: boolean;
}

/** Where decoding has to begin for a picture: a key frame that is stored and shown no later than it. */
export interface StartingPoint {
  readonly time: number;
  /** Packets that are decoded on the way. */
  readonly packetsBefore: number;
}

/** A picture, and where decoding has to begin for it. */
export interface FoundPicture {
  readonly time: number;
  /** Null where no key frame before it was listed. */
  readonly start: StartingPoint | null;
}

/** Finds the picture that is shown at a moment, among packets that come in the order of the file. */
export interface PacketSearch {
  add(packet: VideoPacket): void;
  /** The last picture that starts at or before the moment; the first one where none does. */
  picture(): FoundPicture | null;
  /** How many pictures start at or before the moment. */
  readonly shown: number;
  /** When the first listed picture starts and the last one ends; null where there was none. */
  readonly first: number | null;
  readonly end: number | null;
}

/** Times are printed with six decimals. */
const timeRounding = 0.000_002;

/** Key frames that are remembered: a picture that is shown before its key frame needs the one before that. */
const keptKeys = 8;

/** Searches for the picture shown at `moment`, on the file's clock; Infinity is the last one. */
export function createPacketSearch(moment: number): PacketSearch {
  const keys: { time: number; position: number }[] = [];
  let position = 0;
  let shown = 0;
  let best: FoundPicture | null = null;
  let earliest: FoundPicture | null = null;
  let end: number | null = null;

  function found(time: number): FoundPicture {
    // A picture that is stored after a key frame and shown before it refers to what came earlier.
    const key = keys.findLast((candidate) => candidate.time <= time);
    return { time, start: key === undefined ? null : { time: key.time, packetsBefore: position - key.position } };
  }

  return {
    add({ time, duration, isKey }) {
      if (isKey) {
        keys.push({ time, position });
        if (keys.length > keptKeys) keys.shift();
      }
      if (time <= moment + timeRounding) {
        shown += 1;
        if (best === null || time > best.time) best = found(time);
      }
      if (earliest === null || time < earliest.time) earliest = found(time);
      end = Math.max(end ?? Number.NEGATIVE_INFINITY, time + duration);
      position += 1;
    },
    picture: () => best ?? earliest,
    get shown() {
      return shown;
    },
    get first() {
      return earliest?.time ?? null;
    },
    get end() {
      return end;
    },
  };
}

/** Reads one line of ffprobe's list, `pts_time=…|dts_time=…|flags=…`; null for what is not shown. */
export function readPacket(line: string): VideoPacket | null {
  const fields = new Map(line.split('|').map((field) => field.split('=', 2) as [string, string]));
  const seconds = (name: string) => {
    const value = Number(fields.get(name));
    return Number.isFinite(value) ? value : null;
  };
  return shownPacket({
    pts: seconds('pts_time'),
    dts: seconds('dts_time'),
    duration: seconds('duration_time'),
    isEmpty: fields.get('size') === '0',
    flags: fields.get('flags') ?? '',
  });
}

/** A packet as ffprobe describes it; null where it says nothing. Times in seconds. */
export interface ListedPacket {
  readonly pts: number | null;
  readonly dts: number | null;
  readonly duration: number | null;
  readonly isEmpty: boolean;
  readonly flags: string;
}

/** Null for a packet that is not shown. */
export function shownPacket({ pts, dts, duration, isEmpty, flags }: ListedPacket): VideoPacket | null {
  // D: before the beginning that an edit list sets. C: cut off. Packets without content stand for a repeated picture.
  if (flags.includes('D') || flags.includes('C') || isEmpty) return null;
  const time = pts ?? dts;
  return time === null ? null : { time, duration: duration ?? 0, isKey: flags.startsWith('K') };
}
