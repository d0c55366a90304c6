import { createContext, use } from 'react';

/** Whether the view is so far out that the inside of a node cannot be read: nodes are drawn plainly then. */
export const FarContext = createContext(false);

export function useIsFar(): boolean {
  return use(FarContext);
}

/** From this number of nodes on, those outside of the view are not mounted, and far ones are drawn plainly. */
export const largeGraph = 120;
/** Below this zoom a view is far. */
export const farZoom = 0.35;
