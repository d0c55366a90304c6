import { MapPinOff } from 'lucide-react';
import { Link, useLocation } from 'react-router';
import { buttonClass } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { PageFrame } from './PageFrame.tsx';

/** For an address that leads nowhere. */
export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <PageFrame title="Not found">
      <EmptyState
        icon={<MapPinOff size={20} aria-hidden />}
        title="There is no such page"
        actions={
          <Link to="/" className={buttonClass()}>
            All workflows
          </Link>
        }
      >
        Nothing is at {pathname}. The address may be misspelt.
      </EmptyState>
    </PageFrame>
  );
}
