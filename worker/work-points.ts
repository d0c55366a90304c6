/**
 * The moments on a node's way through a worker between which a crash leaves
 * different things behind, in their order.
 */
export const workPoints = [
  'before-claim',
  'after-claim',
  'before-call',
  'after-call',
  'before-record',
  'after-record',
  'after-enqueue',
] as const;

export type WorkPoint = (typeof workPoints)[number];

/**
 * Told of every point that is passed, and before a claim of the attempt that
 * was taken from the queue. Tests let the process die there; a worker in use has
 * none.
 */
export type WorkPointListener = (point: WorkPoint, taken?: { readonly id: string; readonly attempt: number }) => void;
