/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What part of something is shown. */
export interface Zoom {
  /** 1 shows all of it in the room there is, 2 half of its width, and so on. */
  readonly factor: number;
  /** What is in the middle, as fractions of its width and height. */
  readonly x: number;
  readonly y: number;
}

/** All of it. */
export const fitted: Zoom = { factor: 1, x: 0.5, y: 0.5 };

/** A pixel as large as a thumb; more shows nothing more. */
const mostScale = 32;

/** Where something lies in its room. */
export interface Place {
  readonly left: number;
  readonly top: number;
  /** Pixels of the screen for one of its own. */
  readonly scale: number;
  /** The factor that shows one of its pixels as one of the screen, or as two where it fits as it is. */
  readonly factorOfPixels: number;
}

/** Nothing is enlarged to fill its room: small pictures stay as sharp as they are. */
function fitScale(size: Size, room: Size): number {
  if (size.width <= 0 || size.height <= 0) return 1;
  return Math.min(1, room.width / size.width, room.height / size.height) || 1;
}

/** Where it lies: in the middle where there is room around it, else without a gap at either side. */
export function placeOf(size: Size, room: Size, zoom: Zoom): Place {
  const fit = fitScale(size, room);
  const scale = fit * zoom.factor;
  const along = (whole: number, within: number, middle: number) =>
    whole <= within ? (within - whole) / 2 : Math.min(0, Math.max(within - whole, within / 2 - middle * whole));
  return {
    left: along(size.width * scale, room.width, zoom.x),
    top: along(size.height * scale, room.height, zoom.y),
    scale,
    factorOfPixels: fit < 1 ? 1 / fit : 2,
  };
}

/** The zoom after a change of its factor that leaves a point of the room where it is. Never smaller than all of it. */
export function zoomedAt(size: Size, room: Size, zoom: Zoom, factor: number, at: { x: number; y: number }): Zoom {
  const next = Math.min(mostScale / fitScale(size, room), Math.max(1, factor));
  if (next === 1) return fitted;
  const place = placeOf(size, room, zoom);
  const scale = fitScale(size, room) * next;
  const along = (length: number, within: number, from: number, point: number) => {
    const fraction = (point - from) / (length * place.scale);
    return (within / 2 - (point - fraction * length * scale)) / (length * scale);
  };
  return held(size, room, {
    factor: next,
    x: along(size.width, room.width, place.left, at.x),
    y: along(size.height, room.height, place.top, at.y),
  });
}

/** The zoom after what is shown was moved by so many pixels of the screen. */
export function pannedBy(size: Size, room: Size, zoom: Zoom, by: { x: number; y: number }): Zoom {
  const { scale } = placeOf(size, room, zoom);
  return held(size, room, {
    factor: zoom.factor,
    x: zoom.x - by.x / (size.width * scale),
    y: zoom.y - by.y / (size.height * scale),
  });
}

/** The middle stays where no gap comes up, so that moving back begins at once. */
function held(size: Size, room: Size, zoom: Zoom): Zoom {
  const scale = fitScale(size, room) * zoom.factor;
  const along = (middle: number, length: number, within: number) => {
    const half = within / (length * scale) / 2;
    return half >= 0.5 ? 0.5 : Math.min(1 - half, Math.max(half, middle));
  };
  return {
    factor: zoom.factor,
    x: along(zoom.x, size.width, room.width),
    y: along(zoom.y, size.height, room.height),
  };
}
