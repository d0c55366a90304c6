import { MapPinOff } from 'lucide-react';
import { useLocation } from 'react-router';
import { DeadEnd } from './DeadEnd.tsx';

/** For an address that leads nowhere. */
export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <DeadEnd page="Not found" icon={<MapPinOff size={20} aria-hidden />} title="Page not found">
      There is nothing at {pathname}. Check the address for typos.
    </DeadEnd>
  );
}
