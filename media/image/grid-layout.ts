/** The top left corner of something, in pixels. */
export interface Placed {
  readonly left: number;
  readonly top: number;
}

interface GridRequest {
  readonly columns: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Between cells and around them. */
  readonly gap: number;
  /** Of each cell, row by row; 0: it has no label. */
  readonly labelHeights: readonly number[];
  /** 0: no title. */
  readonly titleHeight: number;
}

interface GridLayout {
  readonly width: number;
  readonly height: number;
  /** Between a cell and its label. */
  readonly labelGap: number;
  readonly cells: readonly Placed[];
}

/** Where everything lies on a sheet: labels below their cells, and rows as high as the highest label in them asks. */
export function gridLayout({
  columns,
  cellWidth,
  cellHeight,
  gap,
  labelHeights,
  titleHeight,
}: GridRequest): GridLayout {
  const labelGap = Math.ceil(gap / 4);
  const cells: Placed[] = [];
  let top = gap + (titleHeight === 0 ? 0 : titleHeight + gap);
  for (let from = 0; from < labelHeights.length; from += columns) {
    const row = labelHeights.slice(from, from + columns);
    for (const column of row.keys()) cells.push({ left: gap + column * (cellWidth + gap), top });
    const labels = Math.max(...row);
    top += cellHeight + (labels === 0 ? 0 : labelGap + labels) + gap;
  }
  return { width: gap + columns * (cellWidth + gap), height: top, labelGap, cells };
}
