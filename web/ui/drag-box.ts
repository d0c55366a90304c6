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

/**
 * The box after a drag by (dx, dy) percent; it never leaves the image. `shape`, if given, is what its width is of its
 * height, both in percent of the image: it is kept then.
 */
export function dragBox(box: ImageBox, grip: Grip, dx: number, dy: number, shape: number | null = null): ImageBox {
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
  const free = { x, y, width: newRight - x, height: newBottom - y };
  return tidied(shape === null ? free : shaped(box, free, grip, shape));
}

/** The box in a shape, as large as it was where the image has room for that, and around the same middle. */
export function fitShape(box: ImageBox, shape: number): ImageBox {
  const area = box.width * box.height;
  const width = Math.min(100, 100 * shape, Math.sqrt(area * shape));
  return around({ x: box.x + box.width / 2, y: box.y + box.height / 2 }, width, width / shape);
}

/** The box after one of its sides was given in numbers; the other one follows where a shape is kept. */
export function resizeBox(box: ImageBox, side: 'width' | 'height', value: number, shape: number): ImageBox {
  const wanted = side === 'width' ? value : value * shape;
  const width = Math.min(wanted, 100, 100 * shape);
  const height = width / shape;
  return tidied({
    x: clamp(box.x, 0, 100 - width),
    y: clamp(box.y, 0, 100 - height),
    width,
    height,
  });
}

function around(middle: { x: number; y: number }, width: number, height: number): ImageBox {
  return tidied({
    x: clamp(middle.x - width / 2, 0, 100 - width),
    y: clamp(middle.y - height / 2, 0, 100 - height),
    width,
    height,
  });
}

/** A dragged box in its shape: what is not gripped stays where it is; a side grows around its middle. */
function shaped(before: ImageBox, free: ImageBox, grip: Grip, shape: number): ImageBox {
  const isAcross = grip.left === true || grip.right === true;
  const isDown = grip.top === true || grip.bottom === true;
  // The side that was dragged farther leads.
  const byWidth =
    isAcross && (!isDown || Math.abs(free.width - before.width) >= Math.abs(free.height - before.height) * shape);
  const right = before.x + before.width;
  const bottom = before.y + before.height;
  const middle = { x: before.x + before.width / 2, y: before.y + before.height / 2 };
  const room = {
    width: grip.left === true ? right : isAcross ? 100 - before.x : 2 * Math.min(middle.x, 100 - middle.x),
    height: grip.top === true ? bottom : isDown ? 100 - before.y : 2 * Math.min(middle.y, 100 - middle.y),
  };
  const width = clamp(byWidth ? free.width : free.height * shape, minSide, Math.min(room.width, room.height * shape));
  const height = width / shape;
  return {
    x: grip.left === true ? right - width : isAcross ? before.x : middle.x - width / 2,
    y: grip.top === true ? bottom - height : isDown ? before.y : middle.y - height / 2,
    width,
    height,
  };
}

/** To a tenth of a percent, and within the image after that. */
function tidied({ x, y, width, height }: ImageBox): ImageBox {
  const [left, top] = [tidy(clamp(x, 0, 100)), tidy(clamp(y, 0, 100))];
  return { x: left, y: top, width: tidy(Math.min(width, 100 - left)), height: tidy(Math.min(height, 100 - top)) };
}
