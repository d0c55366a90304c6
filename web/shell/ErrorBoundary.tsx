import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button.tsx';

interface State {
  error: Error | null;
}

/** Catches what a page throws while drawing, and offers a way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div role="alert" className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
        <h1 className="text-base font-semibold">This page broke</h1>
        <p className="max-w-120 break-words text-muted">{error.message}</p>
        <Button variant="primary" onClick={() => location.reload()}>
          Load it again
        </Button>
      </div>
    );
  }
}
