import type { FitViewOptions } from '@xyflow/react';

/** How the whole graph is shown: with room for the bar of the run above, and for the controls at the side. */
export const fitOptions: FitViewOptions = {
  padding: { top: '64px', right: '40px', bottom: '32px', left: '64px' },
  maxZoom: 1.1,
  duration: 200,
};

/** The same on a phone, where width is dear and a graph leaves room above and below. */
export const phoneFitOptions: FitViewOptions = { ...fitOptions, padding: '12px' };
