import type { blendModes } from '../../core/node-type/layer-fields.ts';
import type { PlacedPixels } from './lay-over.ts';
import type { Pixels } from './image-operation.ts';

/*
 * Compositing and blending as the W3C recommendation has it (Level 1), in 8-bit sRGB as browsers do it. libvips blends
 * what is partly transparent in another way, so that half a layer would not look like half of it.
 */

/** What one channel of a color becomes, from below and above it, each from 0 to 1. */
type Blend = (below: number, above: number) => number;

const hardLight: Blend = (below, above) =>
  above <= 0.5 ? below * 2 * above : below + (2 * above - 1) - below * (2 * above - 1);

const blends: Readonly<Record<Exclude<(typeof blendModes)[number], 'add'>, Blend>> = {
  normal: (_below, above) => above,
  multiply: (below, above) => below * above,
  screen: (below, above) => below + above - below * above,
  overlay: (below, above) => hardLight(above, below),
  darken: (below, above) => Math.min(below, above),
  lighten: (below, above) => Math.max(below, above),
  'color-dodge': (below, above) => (below === 0 ? 0 : above === 1 ? 1 : Math.min(1, below / (1 - above))),
  'color-burn': (below, above) => (below === 1 ? 1 : above === 0 ? 0 : 1 - Math.min(1, (1 - below) / above)),
  'hard-light': hardLight,
  'soft-light': (below, above) => {
    if (above <= 0.5) return below - (1 - 2 * above) * below * (1 - below);
    const curve = below <= 0.25 ? ((16 * below - 12) * below + 4) * below : Math.sqrt(below);
    return below + (2 * above - 1) * (curve - below);
  },
  difference: (below, above) => Math.abs(below - above),
  exclusion: (below, above) => below + above - 2 * below * above,
};

/** Values of 8 bits by both of theirs: a table is read far faster than a formula is computed. */
function tableOf(blend: Blend): Float32Array {
  const table = new Float32Array(65_536);
  for (let at = 0; at < table.length; at += 1) table[at] = blend((at >> 8) / 255, (at & 255) / 255) * 255;
  return table;
}

/** Lays a layer over RGBA pixels, in place. It has to lie within them. */
export function blendOver(base: Pixels, layer: PlacedPixels, mode: (typeof blendModes)[number]): void {
  const table = mode === 'add' ? null : tableOf(blends[mode]);
  for (let y = 0; y < layer.height; y += 1) {
    let to = ((layer.top + y) * base.width + layer.left) * 4;
    let from = y * layer.width * 4;
    for (let x = 0; x < layer.width; x += 1, to += 4, from += 4) {
      const above = layer.data[from + 3]! / 255;
      if (above === 0) continue;
      const below = base.data[to + 3]! / 255;
      const whole = table === null ? Math.min(1, above + below) : above + below * (1 - above);
      for (let channel = 0; channel < 3; channel += 1) {
        const [under, over] = [base.data[to + channel]!, layer.data[from + channel]!];
        const value =
          table === null
            ? (under * below + over * above) / whole
            : (under * below * (1 - above) + (over * (1 - below) + table[(under << 8) | over]! * below) * above) /
              whole;
        base.data[to + channel] = Math.min(255, Math.round(value));
      }
      base.data[to + 3] = Math.round(whole * 255);
    }
  }
}
