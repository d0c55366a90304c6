import { scaledInto, type Size } from './target-box.ts';

/** Which part is kept where a picture is cut, and where it lies in a larger box; shares of what is left over. */
const places = {
  center: [0.5, 0.5],
  top: [0.5, 0],
  bottom: [0.5, 1],
  left: [0, 0.5],
  right: [1, 0.5],
} as const;

/** A blurred picture behind is made in so small a size: nothing is lost by it, and it takes a tenth of the time. */
const blurredSide = 240;

/** How a picture is put into a box. */
export interface Shape {
  readonly mode: 'fit' | 'cover' | 'pad' | 'blur';
  readonly place: keyof typeof places;
  readonly background: string;
}

/**
 * Filters from an upright picture to one of the size `box`, whose sides are even. `name` tells the labels inside of
 * several in one graph apart.
 */
export function shapeFilters(picture: Size, box: Size, { mode, place, background }: Shape, name = ''): string {
  if (mode === 'fit') return scale(box);
  if (mode === 'cover') {
    const covering = scaledInto(picture, box, 'cover');
    const { x, y } = offset({ width: covering.width - box.width, height: covering.height - box.height }, place);
    return `${scale(covering)},crop=${box.width}:${box.height}:${x}:${y}`;
  }
  const lying = scaledInto(picture, box, 'lie');
  const { x, y } = offset({ width: box.width - lying.width, height: box.height - lying.height }, place);
  if (mode === 'blur') {
    const small = scaledInto(box, { width: blurredSide, height: blurredSide }, 'lie');
    const around = scaledInto(picture, small, 'cover');
    return (
      `split[back${name}][front${name}];[back${name}]${scale(around)},crop=${small.width}:${small.height},gblur=sigma=6,${scale(box)}[blurred${name}];` +
      `[front${name}]${scale(lying)}[sharp${name}];[blurred${name}][sharp${name}]overlay=${x}:${y}`
    );
  }
  const pad = `pad=${box.width}:${box.height}:${x}:${y}:color=0x${background.slice(1)}`;
  // The filter turns colors into BT.601; in RGB they stay what they are, and grays are the same in both.
  return isGray(background)
    ? `${scale(lying)},${pad}`
    : `${scale(lying)}:in_color_matrix=bt709,format=gbrp,${pad},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p`;
}

const scale = ({ width, height }: Size) => `scale=${width}:${height}:flags=bicubic`;

/** Even, as the colors of two by two pixels are one. */
function offset(room: Size, place: keyof typeof places): { x: number; y: number } {
  const [x, y] = places[place];
  const even = (value: number) => Math.floor(value / 2) * 2;
  return { x: even(room.width * x), y: even(room.height * y) };
}

function isGray(color: string): boolean {
  return color.slice(1, 3) === color.slice(3, 5) && color.slice(3, 5) === color.slice(5, 7);
}
