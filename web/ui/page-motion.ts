/** So long after a step of something that does not say when it ends, such as scrolling, it counts as being moved. */
const afterStepMs = 150;

/** Whether somebody moves something on the page: the view, a node, a strip of results. Then whatever can wait leaves the frames to that. */
export interface Motion {
  /** From the beginning to the end of a movement. */
  hold(isHeld: boolean): void;
  /** One step of a movement that has no end of its own. */
  step(): void;
  isUnderWay(): boolean;
}

/** `now` is in milliseconds. */
export function createMotion(now: () => number): Motion {
  let isHeldNow = false;
  let lastStepMs = Number.NEGATIVE_INFINITY;
  return {
    hold: (isHeld) => (isHeldNow = isHeld),
    step: () => (lastStepMs = now()),
    isUnderWay: () => isHeldNow || now() - lastStepMs < afterStepMs,
  };
}

/** What is being moved on this page. */
export const pageMotion = createMotion(() => performance.now());
