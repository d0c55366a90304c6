import { Menu as MenuIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useConfig } from '../api/context.ts';
import { IconButton } from '../ui/Button.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { Menu, type MenuEntries } from '../ui/Menu.tsx';
import { OptionalPart } from './PartBoundary.tsx';
import { addressOf } from '../ui/app-address.ts';

const ClerkUser = lazyPart(() => import('../auth/ClerkUser.tsx'), 'ClerkUser').Component;

const waitingLink = lazyPart(() => import('./WaitingLink.tsx'), 'WaitingLink');
/** What the page is opened for comes first. */
const signAfterMs = 1_000;

/** The sign of what waits for people, once the page stands. */
function WaitingSign() {
  const [isWanted, setIsWanted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsWanted(true), signAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return isWanted ? (
    <OptionalPart name="What waits for you">
      <waitingLink.Component />
    </OptionalPart>
  ) : null;
}

/** The sign of the app; leads to the list of workflows. */
export function HomeLink() {
  return (
    <Link
      to="/"
      aria-label="Heddle, all workflows"
      title="All workflows"
      className="flex shrink-0 items-center gap-2 rounded-md p-1.5 font-semibold hover:bg-hover"
    >
      <img src={addressOf('/favicon.svg')} alt="" width={22} height={22} />
      <span className="max-md:hidden">Heddle</span>
    </Link>
  );
}

const popup = lazyPart(() => import('./AppMenuPopup.tsx'), 'AppMenuPopup');
const noEntries: MenuEntries = [];

/** The way to every page, the theme, and out. `entries` come first. */
export function AppMenu({ entries = noEntries }: { entries?: MenuEntries }) {
  const { data: config } = useConfig();
  const menu = (
    <Menu
      trigger={
        <IconButton label="Menu">
          <MenuIcon size={17} />
        </IconButton>
      }
      popup={popup}
      entries={entries}
    />
  );
  if (config?.auth.mode !== 'clerk') {
    return (
      <>
        <WaitingSign />
        {menu}
      </>
    );
  }
  return (
    <span className="flex items-center gap-2">
      <WaitingSign />
      <ClerkUser />
      {menu}
    </span>
  );
}
