import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PageFrame } from './PageFrame.tsx';

interface DeadEndProps {
  /** What the page would have been. */
  page: string;
  icon: ReactNode;
  title: string;
  /** Why. */
  children: ReactNode;
}

/** A page that cannot be shown, and the way back. */
export function DeadEnd({ page, icon, title, children }: DeadEndProps) {
  return (
    <PageFrame title={page}>
      <EmptyState
        icon={icon}
        title={title}
        actions={
          <Link to="/" className={buttonClass()}>
            All workflows
          </Link>
        }
      >
        {children}
      </EmptyState>
    </PageFrame>
  );
}
