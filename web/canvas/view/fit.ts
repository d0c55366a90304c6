import type { FitViewOptions } from '@xyflow/react';
import { motionMs } from '../../ui/motion.ts';

/** How the whole graph is shown: with room for the toolbar of a node above, and for the controls at the side. */
export const fitOptions = withMotion({
  padding: { top: '56px', right: '40px', bottom: '24px', left: '64px' },
  maxZoom: 1.1,
});

/** The same on a phone, where width is dear and a graph leaves room above and below. */
export const phoneFitOptions = withMotion({ padding: '12px', maxZoom: 1.1 });

/** The same for a run that is looked at: nothing lies over its graph but the controls. */
export const runFitOptions = withMotion({ padding: { x: '56px', y: '16px' }, maxZoom: 1.1 });

/** Asks at each fit whether motion is wanted. */
function withMotion(options: FitViewOptions): FitViewOptions {
  return {
    ...options,
    get duration() {
      return motionMs(200);
    },
  };
}
