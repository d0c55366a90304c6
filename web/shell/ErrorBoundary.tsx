import { Component, type ReactNode } from 'react';
import { addressOf } from '../ui/app-address.ts';
import { Button, buttonClass } from '../ui/Button.tsx';

interface State {
  error: Error | null;
}

/** Catches what a page throws while drawing, and offers a way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="flex h-full flex-col items-center justify-center gap-3 p-6 text-center">
        <div role="alert" className="flex flex-col items-center gap-3">
          <h1 className="text-base font-semibold">Something went wrong</h1>
          <p className="max-w-120 text-muted">
            Your changes are saved, or kept in this browser until they are. Reload the page to continue.
          </p>
          <p className="max-w-120 text-xs break-words text-faint">Browser error: {error.message}</p>
        </div>
        <div className="flex gap-2">
          <Button variant="primary" onClick={() => location.reload()}>
            Reload
          </Button>
          <a href={addressOf('/')} className={buttonClass()}>
            All workflows
          </a>
        </div>
      </main>
    );
  }
}
