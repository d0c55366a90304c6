/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is asked of the size of a video; null: it follows from the rest. */
export interface WantedSize {
  readonly width: number | null;
  readonly height: number | null;
  /** Width by height. */
  readonly aspect: number | null;
  /** `fit` keeps all of the picture and its shape, `cover` cuts it, `pad` and `blur` put something beside it. */
  readonly mode: 'fit' | 'cover' | 'pad' | 'blur';
}

/** H.264 with halved colors takes even sides only. */
const even = (side: number) => Math.max(2, Math.round(side / 2) * 2);

const ratioOf = ({ width, height }: Size) => width / height;

/**
 * The box that a picture is put into. Two sides are the box; one side takes the other one from the aspect, or from the
 * picture. An aspect alone is cut out of the picture (`cover`, `fit`), or put around it. Both sides are even.
 */
export function targetBox(picture: Size, { width, height, aspect, mode }: WantedSize): Size {
  const ratio = aspect ?? ratioOf(picture);
  const box = (() => {
    if (width !== null && height !== null) return { width, height };
    if (width !== null) return { width, height: width / ratio };
    if (height !== null) return { width: height * ratio, height };
    const isWide = ratioOf(picture) > ratio;
    // A box within the picture keeps the side that is short for its shape, one around it the other.
    const keepsHeight = mode === 'pad' || mode === 'blur' ? !isWide : isWide;
    return keepsHeight
      ? { width: picture.height * ratio, height: picture.height }
      : { width: picture.width, height: picture.width / ratio };
  })();
  return { width: even(box.width), height: even(box.height) };
}

/** The picture scaled to lie within the box, or to cover it. Both sides are even. */
export function scaledInto(picture: Size, box: Size, does: 'lie' | 'cover'): Size {
  const byWidth = box.width / picture.width;
  const byHeight = box.height / picture.height;
  const factor = does === 'lie' ? Math.min(byWidth, byHeight) : Math.max(byWidth, byHeight);
  const width = even(picture.width * factor);
  const height = even(picture.height * factor);
  if (does === 'lie') return { width: Math.min(width, box.width), height: Math.min(height, box.height) };
  return { width: Math.max(width, box.width), height: Math.max(height, box.height) };
}
