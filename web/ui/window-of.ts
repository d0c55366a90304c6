/** Which rows of a long list are drawn. */
export interface RowWindow {
  /** The first row that is drawn, and the one after the last. */
  readonly first: number;
  readonly end: number;
}

/** Rows above and below what is seen: a turn of the wheel shows nothing empty. */
const spare = 3;

/** Where each row begins and the last one ends, from the top of the list: one more than there are rows. In pixels. */
export function topsOf(count: number, heightOf: (row: number) => number): Float64Array {
  const tops = new Float64Array(count + 1);
  for (let row = 0; row < count; row += 1) tops[row + 1] = tops[row]! + heightOf(row);
  return tops;
}

/** The rows that are in view, and some around them. In pixels. */
export function windowOf({ scrollTop, height }: { scrollTop: number; height: number }, tops: Float64Array): RowWindow {
  const count = tops.length - 1;
  const end = Math.min(count, firstFrom(tops, scrollTop + height) + spare);
  const first = Math.max(0, firstFrom(tops, scrollTop + 1) - 1 - spare);
  return { first: Math.min(first, end), end };
}

/** The first row that begins at `y` or below it; the number of all where none does. */
function firstFrom(tops: Float64Array, y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle]! < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
