/** A box in percent of the image that it lies on, 0-100 each. */
export interface ImageBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which sides a drag moves; none of them moves the whole box. */
export interface Grip {
  readonly left?: boolean;
  readonly right?: boolean;
  readonly top?: boolean;
  readonly bottom?: boolean;
}

/** Smaller than this cannot be gripped again. */
const minSide = 2;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const tidy = (value: number) => Math.round(value * 10) / 10;

/** The box after a drag by (dx, dy) percent; it never leaves the image. */
export function dragBox(box: ImageBox, grip: Grip, dx: number, dy: number): ImageBox {
  const isMove = !grip.left && !grip.right && !grip.top && !grip.bottom;
  if (isMove) {
    return {
      ...box,
      x: tidy(clamp(box.x + dx, 0, 100 - box.width)),
      y: tidy(clamp(box.y + dy, 0, 100 - box.height)),
    };
  }
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  const x = grip.left ? clamp(box.x + dx, 0, right - minSide) : box.x;
  const y = grip.top ? clamp(box.y + dy, 0, bottom - minSide) : box.y;
  const newRight = grip.right ? clamp(right + dx, box.x + minSide, 100) : right;
  const newBottom = grip.bottom ? clamp(bottom + dy, box.y + minSide, 100) : bottom;
  return { x: tidy(x), y: tidy(y), width: tidy(newRight - x), height: tidy(newBottom - y) };
}
