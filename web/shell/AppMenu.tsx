import {
  Activity,
  LayoutGrid,
  LayoutTemplate,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  ScrollText,
  Settings,
  Sun,
  UserCheck,
  Users,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useApp, useConfig, useMe } from '../api/context.ts';
import { IconButton } from '../ui/Button.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { Menu, type MenuEntries } from '../ui/Menu.tsx';
import { OptionalPart } from './PartBoundary.tsx';
import { chooseTheme, useThemeChoice } from '../ui/theme.ts';
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

/** The way to every page, the theme, and out. `entries` come first. */
export function AppMenu({ entries = [] }: { entries?: MenuEntries }) {
  const { api, notify, beforeSignOut } = useApp();
  const { data: me } = useMe();
  const { data: config } = useConfig();
  const isClerk = config?.auth.mode === 'clerk';
  const navigate = useNavigate();
  const choice = useThemeChoice();
  const go = (path: string) => () => void navigate(path);
  const nextTheme = choice === 'dark' ? 'light' : choice === 'light' ? 'system' : 'dark';
  const themeIcon = { dark: <Moon size={15} />, light: <Sun size={15} />, system: <Monitor size={15} /> };
  const signOut = {
    label: 'Sign out',
    icon: <LogOut size={15} />,
    ...(me !== undefined && { hint: me.email }),
    onSelect: () => {
      const ready = Promise.allSettled([...beforeSignOut].map((prepare) => prepare()));
      // A full load drops every trace of the account from memory.
      ready
        .then(() => api.signOut())
        .then(
          (signedOut) => location.assign(addressOf(signedOut?.next ?? '/sign-in')),
          (error: Error) => notify({ title: 'Not signed out', description: error.message, kind: 'error' }),
        );
    },
  };
  const pages: MenuEntries = [
    { label: 'Workflows', icon: <LayoutGrid size={15} />, onSelect: go('/') },
    { label: 'Templates', icon: <LayoutTemplate size={15} />, onSelect: go('/templates') },
    { label: 'Waiting for you', icon: <UserCheck size={15} />, onSelect: go('/waiting') },
    { label: 'Workspaces', icon: <Users size={15} />, onSelect: go('/workspaces') },
    { label: 'Settings', icon: <Settings size={15} />, onSelect: go('/settings') },
    ...(me?.role === 'owner'
      ? [
          { label: 'Members', icon: <Users size={15} />, onSelect: go('/members') },
          { label: 'Audit log', icon: <ScrollText size={15} />, onSelect: go('/audit') },
          { label: 'Workers and queues', icon: <Activity size={15} />, onSelect: go('/admin') },
        ]
      : []),
    null,
    {
      label: `Theme: ${choice}`,
      icon: themeIcon[choice],
      hint: `Switch to ${nextTheme}`,
      onSelect: () => chooseTheme(nextTheme),
    },
    // With Clerk the way out is behind the person's picture.
    ...(isClerk ? [] : [signOut]),
  ];
  const menu = (
    <Menu
      trigger={
        <IconButton label="Menu">
          <MenuIcon size={17} />
        </IconButton>
      }
      entries={entries.length === 0 ? pages : [...entries, null, ...pages]}
    />
  );
  if (!isClerk) {
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
