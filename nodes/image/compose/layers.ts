/** A layer as it has been typed so far, valid or not. */
export type DraftLayer = Readonly<Record<string, unknown>> & { readonly id: string };

/** The layers in a node's data, as far as they are any. */
export function draftLayersOf(data: Readonly<Record<string, unknown>>): readonly DraftLayer[] {
  const { layers } = data;
  if (!Array.isArray(layers)) return [];
  return layers.filter(
    (one): one is DraftLayer =>
      typeof one === 'object' && one !== null && typeof (one as { id?: unknown }).id === 'string',
  );
}

/** The layers with a new one on top; its id is free. */
export function withNewLayer(layers: readonly DraftLayer[]): readonly DraftLayer[] {
  const taken = new Set(layers.map(({ id }) => id));
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCodePoint(97 + index));
  const free = letters.find((letter) => !taken.has(`layer_${letter}`)) ?? 'a';
  return [...layers, { id: `layer_${free}`, width: 30 }];
}

/** The layers with one changed. Its id stays, and with it its edges. */
export function withLayer(
  layers: readonly DraftLayer[],
  id: string,
  change: Readonly<Record<string, unknown>>,
): readonly DraftLayer[] {
  return layers.map((one) => (one.id === id ? { ...one, ...change, id } : one));
}

/** The layers with one a place further up, that is nearer to whoever looks; the topmost stays. */
export function broughtForward(layers: readonly DraftLayer[], id: string): readonly DraftLayer[] {
  const at = layers.findIndex((one) => one.id === id);
  if (at < 0 || at === layers.length - 1) return layers;
  return layers.with(at, layers[at + 1]!).with(at + 1, layers[at]!);
}

/** In pixels, as the image is stored upright. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a layer lies, in percent of the base, before it is turned. */
export interface LayerBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function shares(anchor: unknown): { readonly x: number; readonly y: number } {
  const words = typeof anchor === 'string' ? anchor : 'center';
  const share = (first: string, last: string) => (words.includes(first) ? 0 : words.includes(last) ? 1 : 0.5);
  return { x: share('left', 'right'), y: share('top', 'bottom') };
}

/** The box of a layer, by the rule that the picture is composed by. */
export function boxOf(layer: DraftLayer, own: Size, base: Size): LayerBox {
  const [wide, high] = [numberOf(layer['width']), numberOf(layer['height'])];
  const toHeight = (own.height / own.width) * (base.width / base.height);
  const width = wide ?? (high === null ? (own.width / base.width) * 100 : high / toHeight);
  const height = high ?? width * toHeight;
  const share = shares(layer['anchor']);
  return {
    left: (100 - width) * share.x + (numberOf(layer['x']) ?? 0),
    top: (100 - height) * share.y + (numberOf(layer['y']) ?? 0),
    width,
    height,
  };
}

const tidy = (value: number) => Math.round(value * 10) / 10;
const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** What has to change for a layer to be moved by so many percent of the base. */
export function moved(layer: DraftLayer, dx: number, dy: number): Readonly<Record<string, number>> {
  const to = (value: unknown, by: number) => tidy(clamp((numberOf(value) ?? 0) + by, -1_000, 1_000));
  return { x: to(layer['x'], dx), y: to(layer['y'], dy) };
}

/** Less cannot be gripped again. */
const leastWidth = 1;

/** What has to change for a layer to be wider by so many percent of the base; its shape and its top left corner stay. */
export function resized(layer: DraftLayer, box: LayerBox, dx: number): Readonly<Record<string, number>> {
  const width = tidy(clamp(box.width + dx, leastWidth, 1_000));
  const height = (box.height * width) / box.width;
  const share = shares(layer['anchor']);
  return {
    width,
    ...(numberOf(layer['height']) !== null && { height: tidy(clamp(height, 0.1, 1_000)) }),
    x: tidy(box.left - (100 - width) * share.x),
    y: tidy(box.top - (100 - height) * share.y),
  };
}

/** The angle at which something points from the middle of a box, in whole degrees from -180 to 180; up is 0. */
export function angleTo(dx: number, dy: number): number {
  return Math.round((Math.atan2(dx, -dy) * 180) / Math.PI);
}
