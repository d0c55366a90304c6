import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';

interface PartBoundaryProps {
  /** What breaks, as people know it: "The inspector". */
  name: string;
  /** Something else to draw: another try begins by itself. */
  resetKey?: unknown;
  className?: string;
  /** What is drawn in place of the usual words; `retry` draws the part again. */
  fallback?: (broken: { error: Error; retry: () => void }) => ReactNode;
  children: ReactNode;
}

interface State {
  error: Error | null;
  resetKey: unknown;
}

/** Keeps what breaks while it is drawn to its own place: the rest of the page goes on. */
export class PartBoundary extends Component<PartBoundaryProps, State> {
  override state: State = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps({ resetKey }: PartBoundaryProps, state: State): Partial<State> | null {
    return resetKey === state.resetKey ? null : { error: null, resetKey };
  }

  private readonly retry = (): void => this.setState({ error: null });

  override render(): ReactNode {
    const { error } = this.state;
    const { name, className, fallback, children } = this.props;
    if (error === null) return children;
    if (fallback !== undefined) return fallback({ error, retry: this.retry });
    return (
      <div role="alert" className={cn('flex flex-col items-start gap-2 p-4 text-xs', className)}>
        <p className="flex items-center gap-1.5 font-medium text-danger">
          <TriangleAlert size={14} className="shrink-0" aria-hidden /> {name} could not be displayed
        </p>
        <p className="max-w-full break-words text-muted">
          Everything else still works, and your changes are kept. Browser error: {error.message}
        </p>
        <Button size="sm" className="nodrag" onClick={this.retry}>
          Try again
        </Button>
      </div>
    );
  }
}

/** Something that the page does without: drawn once its file is there, and left out where that cannot be had. */
export function OptionalPart({ name, children }: { name: string; children: ReactNode }) {
  return (
    <PartBoundary name={name} fallback={() => null}>
      {children}
    </PartBoundary>
  );
}
