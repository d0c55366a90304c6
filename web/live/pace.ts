/** From so many nodes in a run on each change is felt, as hundreds of them are looked at. */
const manyNodes = 120;
/** So often at most the states of a run of many nodes are shown, in milliseconds; seldomer while somebody moves something. */
const manyMs = { still: 100, moving: 250 };

interface PaceDeps {
  /** `requestAnimationFrame`, or a stand-in for it. */
  readonly nextFrame: (apply: () => void) => void;
  /** `setTimeout`, or a stand-in for it. */
  readonly later: (apply: () => void, ms: number) => void;
  /** In milliseconds. */
  readonly now: () => number;
  /** Whether somebody moves the view, a node or a strip. */
  readonly isMoving: () => boolean;
}

/** Says when what came in is shown: with the next frame, or later where the run has many nodes. */
export type Pace = (apply: () => void, nodes: number) => void;

/**
 * Shows changes of a run with the next frame. Those of a run of many nodes come a hundred times a second: they are shown ten
 * times a second, and four times while somebody moves something, so that the other frames have nothing but the movement.
 * What comes alone is shown with the next frame there, too.
 */
export function createPace({ nextFrame, later, now, isMoving }: PaceDeps): Pace {
  let shownMs = Number.NEGATIVE_INFINITY;
  return (apply, nodes) => {
    const show = () =>
      nextFrame(() => {
        shownMs = now();
        apply();
      });
    const everyMs = nodes < manyNodes ? 0 : isMoving() ? manyMs.moving : manyMs.still;
    const waitMs = shownMs + everyMs - now();
    if (waitMs <= 0) show();
    else later(show, waitMs);
  };
}
