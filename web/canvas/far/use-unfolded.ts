import { useEffect, useState } from 'react';
import { pageMotion } from '../../ui/page-motion.ts';

/** A node with all its fields takes some milliseconds to mount; two in a frame leave room for everything else. */
const perFrame = 2;

const waiting = new Set<() => void>();

/** While the view or a node moves nothing unfolds: what has just come in may be gone again in a moment. */
function unfoldSome(): void {
  for (const unfold of [...waiting].slice(0, pageMotion.isUnderWay() ? 0 : perFrame)) {
    waiting.delete(unfold);
    unfold();
  }
  if (waiting.size > 0) requestAnimationFrame(unfoldSome);
}

/** Has its turn in one of the next frames; returns what gives it up. */
function queueUp(unfold: () => void): () => void {
  if (waiting.size === 0) requestAnimationFrame(unfoldSome);
  waiting.add(unfold);
  return () => waiting.delete(unfold);
}

/**
 * Whether a node shows its inside. Where dozens come into the view at once, as
 * in a large graph, they are plain boxes at first and unfold one after another
 * once the view stands still.
 */
export function useUnfolded(isWanted: boolean, isGradual: boolean): boolean {
  const [isUnfolded, setIsUnfolded] = useState(false);
  if (!isWanted && isUnfolded) setIsUnfolded(false);
  useEffect(() => {
    if (isWanted && isGradual) return queueUp(() => setIsUnfolded(true));
    return undefined;
  }, [isWanted, isGradual]);
  return isWanted && (isUnfolded || !isGradual);
}
