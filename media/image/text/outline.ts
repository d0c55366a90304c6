/** Coverage of pixels by something, 0 to 255, row by row. */
export interface Mask {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Farther than anything in an image. */
const far = 1e20;

/**
 * A mask that reaches `radius` pixels farther in every direction, with round corners and smooth edges; it is larger by
 * `margin` on each side. Distances are exact (Felzenszwalb and Huttenlocher 2012) and begin at the edges within pixels,
 * of which coverage says where they are.
 */
export function outlined({ data, width, height }: Mask, radius: number): Mask & { readonly margin: number } {
  const margin = Math.ceil(radius) + 1;
  const [wide, high] = [width + 2 * margin, height + 2 * margin];
  const squares = new Float64Array(wide * high).fill(far);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const value = data[y * width + x]!;
      if (value === 0) continue;
      const inside = Math.max(0, 0.5 - value / 255);
      squares[(y + margin) * wide + x + margin] = inside * inside;
    }
  }
  transform(squares, wide, high);
  const result = new Uint8Array(wide * high);
  for (let at = 0; at < result.length; at += 1) {
    const cover = radius + 0.5 - Math.sqrt(squares[at]!);
    result[at] = Math.round(255 * Math.min(1, Math.max(0, cover)));
  }
  return { data: result, width: wide, height: high, margin };
}

/** Squared distances to the nearest pixel, in place: along columns, then along rows. */
function transform(grid: Float64Array, width: number, height: number): void {
  const length = Math.max(width, height);
  const work: Work = {
    values: new Float64Array(length),
    places: new Uint32Array(length),
    bounds: new Float64Array(length + 1),
  };
  for (let x = 0; x < width; x += 1) transformLine(grid, { from: x, step: width, length: height }, work);
  for (let y = 0; y < height; y += 1) transformLine(grid, { from: y * width, step: 1, length: width }, work);
}

interface Work {
  readonly values: Float64Array;
  /** Where the parabolas of the lower envelope stand. */
  readonly places: Uint32Array;
  /** Between which bounds each of them is the lowest. */
  readonly bounds: Float64Array;
}

function transformLine(
  grid: Float64Array,
  { from, step, length }: { from: number; step: number; length: number },
  { values, places, bounds }: Work,
): void {
  for (let at = 0; at < length; at += 1) values[at] = grid[from + at * step]!;
  let count = 0;
  places[0] = 0;
  bounds[0] = -far;
  bounds[1] = far;
  for (let at = 1; at < length; at += 1) {
    let crossing = 0;
    do {
      const other = places[count]!;
      crossing = (values[at]! + at * at - values[other]! - other * other) / (2 * (at - other));
    } while (crossing <= bounds[count]! && --count > -1);
    count += 1;
    places[count] = at;
    bounds[count] = crossing;
    bounds[count + 1] = far;
  }
  for (let at = 0, found = 0; at < length; at += 1) {
    while (bounds[found + 1]! < at) found += 1;
    const place = places[found]!;
    grid[from + at * step] = values[place]! + (at - place) ** 2;
  }
}
