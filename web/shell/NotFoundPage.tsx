import { MapPinOff } from 'lucide-react';
import { useLocation } from 'react-router';
import { DeadEnd } from './DeadEnd.tsx';

/** For an address that leads nowhere. */
export function NotFoundPage() {
  const { pathname } = useLocation();
  return (
    <DeadEnd page="Not found" icon={<MapPinOff size={20} aria-hidden />} title="There is no such page">
      Nothing is at {pathname}. The address may be misspelt.
    </DeadEnd>
  );
}
