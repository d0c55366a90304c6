/** Bars side by side for each group, or lines over groups that are numbers. */
export interface Plot {
  readonly title: string;
  /** What the height of a bar or a point means. */
  readonly unit: string;
  readonly kind: 'bars' | 'lines';
  /** Named along the x axis. */
  readonly groups: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const size = { width: 720, height: 360 };
const inner = { left: 64, right: 16, top: 64, bottom: 40 };
/** Told apart by people who see few colors, and on white as on black. */
const colors = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377'];
const gridLines = 4;

/** Draws a plot as SVG that needs nothing else: no script, no style sheet, no font of its own. */
export function drawPlot(plot: Plot): string {
  const { width, height } = size;
  const top = niceCeiling(Math.max(...plot.series.flatMap(({ values }) => values), 0));
  const y = (value: number) => height - inner.bottom - (value / top) * (height - inner.top - inner.bottom);
  const step = (width - inner.left - inner.right) / plot.groups.length;
  const middle = (group: number) => inner.left + step * (group + 0.5);
  const parts = [
    text(inner.left, 24, plot.title, { size: 15, weight: 600 }),
    ...legend(plot),
    ...Array.from({ length: gridLines + 1 }, (_, line) => (top * line) / gridLines).flatMap((value) => [
      `<line x1="${inner.left}" x2="${width - inner.right}" y1="${y(value)}" y2="${y(value)}" stroke="#8888" stroke-width="0.5"/>`,
      text(inner.left - 8, y(value) + 4, label(value), { anchor: 'end' }),
    ]),
    ...plot.groups.map((group, index) => text(middle(index), height - 16, group, { anchor: 'middle' })),
    ...(plot.kind === 'bars' ? bars(plot, { y, step, middle }) : lines(plot, { y, middle })),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#777" role="img" aria-label="${escape(plot.title)}">`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function bars(
  plot: Plot,
  at: { y: (value: number) => number; step: number; middle: (group: number) => number },
): string[] {
  const wide = Math.min(48, (at.step * 0.8) / plot.series.length);
  return plot.series.flatMap(({ values }, series) =>
    values.flatMap((value, group) => {
      const x = at.middle(group) + wide * (series - plot.series.length / 2);
      const color = colors[series % colors.length]!;
      const foot = at.y(0);
      return [
        `<rect x="${x.toFixed(1)}" y="${at.y(value).toFixed(1)}" width="${(wide - 2).toFixed(1)}" height="${(foot - at.y(value)).toFixed(1)}" fill="${color}"/>`,
        text(x + wide / 2 - 1, at.y(value) - 4, label(value), { anchor: 'middle', size: 10 }),
      ];
    }),
  );
}

function lines(plot: Plot, at: { y: (value: number) => number; middle: (group: number) => number }): string[] {
  return plot.series.flatMap(({ values }, series) => {
    const color = colors[series % colors.length]!;
    const points = values.map((value, group) => [at.middle(group).toFixed(1), at.y(value).toFixed(1)] as const);
    return [
      `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${color}"/>`),
    ];
  });
}

function legend(plot: Plot): string[] {
  let [x, y] = [inner.left, 36];
  const parts = [text(size.width - inner.right, 24, plot.unit, { anchor: 'end' })];
  for (const [index, { name }] of plot.series.entries()) {
    const wide = 32 + name.length * 7;
    if (x + wide > size.width) [x, y] = [inner.left, y + 14];
    parts.push(`<rect x="${x}" y="${y}" width="10" height="10" fill="${colors[index % colors.length]!}"/>`);
    parts.push(text(x + 16, y + 9, name, {}));
    x += wide;
  }
  return parts;
}

function text(
  x: number,
  y: number,
  content: string,
  style: { anchor?: 'middle' | 'end'; size?: number; weight?: number },
): string {
  const anchor = style.anchor === undefined ? '' : ` text-anchor="${style.anchor}"`;
  const fontSize = style.size === undefined ? '' : ` font-size="${style.size}"`;
  const weight = style.weight === undefined ? '' : ` font-weight="${style.weight}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${anchor}${fontSize}${weight}>${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** The least 1, 2, 2.5 or 5 with zeros that is not less. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value)!;
}

function label(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
