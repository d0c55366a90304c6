import type { z } from 'zod';
import type { layerShape, maskSources } from '../../core/node-type/layer-fields.ts';
import { anchorShares } from './anchor.ts';
import type { Images, ImageSize, Pixels } from './image-operation.ts';
import type { PlacedPixels } from './lay-over.ts';
import { holdResult } from './result-size.ts';
import { seenPixels } from './seen-pixels.ts';
import { turnedSize } from './turned-size.ts';

type Shape = z.output<z.ZodObject<typeof layerShape>>;

/** An image that is to lie on another one. */
export interface LayerRequest extends Omit<Shape, 'blend'> {
  readonly file: string;
  readonly mask: {
    readonly file: string;
    readonly from: (typeof maskSources)[number];
    readonly isInverted: boolean;
  } | null;
}

/** The pixels of a layer in RGBA, and where they lie on a base of that size. Throws IMAGE_*. */
export async function layerPixels(layer: LayerRequest, base: ImageSize, images: Images): Promise<PlacedPixels> {
  const source = await images.open(layer.file);
  const size = layerSize(layer, source.info, base);
  holdResult(size, images.limits);
  holdResult(turnedSize(size, layer.rotation), images.limits);
  const upright = await seenPixels(source, size, images);
  const cover = layer.mask === null ? null : await maskOf(layer.mask, size, images);
  thin(upright.data, layer.opacity / 100, cover);
  const turned = layer.rotation % 360 === 0 ? upright : await turn(upright, layer.rotation, images);
  const share = anchorShares(layer.anchor);
  // It turns around its middle, so that is what is placed.
  const middleX = (base.width - size.width) * share.x + (base.width * layer.x) / 100 + size.width / 2;
  const middleY = (base.height - size.height) * share.y + (base.height * layer.y) / 100 + size.height / 2;
  return { ...turned, left: Math.round(middleX - turned.width / 2), top: Math.round(middleY - turned.height / 2) };
}

/** At least a pixel in each direction. */
function layerSize({ width, height }: Pick<Shape, 'width' | 'height'>, own: ImageSize, base: ImageSize): ImageSize {
  const wide = width === null ? null : (base.width * width) / 100;
  const high = height === null ? null : (base.height * height) / 100;
  const scale = wide === null ? (high === null ? 1 : high / own.height) : wide / own.width;
  return {
    width: Math.max(1, Math.round(wide ?? own.width * scale)),
    height: Math.max(1, Math.round(high ?? own.height * scale)),
  };
}

/** How much of each pixel is seen, 0 to 255. */
async function maskOf(
  { file, from, isInverted }: NonNullable<LayerRequest['mask']>,
  size: ImageSize,
  images: Images,
): Promise<Uint8Array> {
  const { data } = await seenPixels(await images.open(file), size, images);
  const cover = new Uint8Array(size.width * size.height);
  for (let pixel = 0, at = 0; pixel < cover.length; pixel += 1, at += 4) {
    const alpha = data[at + 3]!;
    // Luma of BT.709; what is transparent is as black.
    const luma = 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    const value = from === 'alpha' ? alpha : Math.round((luma * alpha) / 255);
    cover[pixel] = isInverted ? 255 - value : value;
  }
  return cover;
}

/** Multiplies alpha by opacity and mask, in place. */
function thin(data: Buffer, opacity: number, cover: Uint8Array | null): void {
  if (opacity === 1 && cover === null) return;
  for (let pixel = 0, at = 3; at < data.length; pixel += 1, at += 4) {
    data[at] = Math.round((data[at]! * opacity * (cover === null ? 255 : cover[pixel]!)) / 255);
  }
}

/** By any angle, with its corners: around them nothing is seen. */
async function turn(pixels: Pixels, degrees: number, images: Images): Promise<Pixels> {
  // Between what is seen and what is not, colors are mixed by how much they count; else black would come in.
  scaleColors(pixels.data, (value, alpha) => (value * alpha) / 255);
  const { data, info } = await images
    .from(pixels)
    .rotate(degrees, { background: '#00000000' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  scaleColors(data, (value, alpha) => (alpha === 0 ? 0 : Math.min(255, (value * 255) / alpha)));
  return { data, width: info.width, height: info.height, channels: info.channels };
}

function scaleColors(data: Buffer, scale: (value: number, alpha: number) => number): void {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!;
    // Of most pixels all is seen: neither way changes them.
    if (alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel += 1) data[channel] = Math.round(scale(data[channel]!, alpha));
  }
}
