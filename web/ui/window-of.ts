/** Which rows of a long list are drawn. */
export interface RowWindow {
  /** The first row that is drawn, and the one after the last. */
  readonly first: number;
  readonly end: number;
}

/** Rows above and below what is seen: a turn of the wheel shows nothing empty. */
const spare = 3;

/** The rows of equal height that are in view, and some around them. Heights are in pixels, rows of a list of `count`. */
export function windowOf(
  { scrollTop, height }: { scrollTop: number; height: number },
  { rowHeight, count }: { rowHeight: number; count: number },
): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - spare);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { first: Math.min(first, end), end };
}
