import { ReactFlowProvider } from '@xyflow/react';
import { Canvas } from '../canvas/view/Canvas.tsx';
import { EnvironmentContext, type CanvasEnvironment } from '../canvas/environment.ts';
import { phoneFitOptions, runFitOptions } from '../canvas/view/fit.ts';
import { useIsPhone } from '../ui/use-media.ts';

const nothing = () => undefined;

/** The graph of a run as it was then, with the states of that run; for looking alone. */
export function RunCanvas({ environment }: { environment: CanvasEnvironment }) {
  const isPhone = useIsPhone();
  return (
    <EnvironmentContext value={environment}>
      <ReactFlowProvider>
        <Canvas
          isSnapping={false}
          hasMiniMap={false}
          isPhone={isPhone}
          fit={isPhone ? phoneFitOptions : runFitOptions}
          quickAddAt={null}
          onQuickAdd={nothing}
          onContextMenu={nothing}
        />
      </ReactFlowProvider>
    </EnvironmentContext>
  );
}
