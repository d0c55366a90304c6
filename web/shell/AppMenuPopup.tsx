import {
  Activity,
  LayoutGrid,
  LayoutTemplate,
  LogOut,
  Monitor,
  Moon,
  ScrollText,
  Settings,
  Sun,
  UserCheck,
  Users,
} from 'lucide-react';
import { useNavigate } from 'react-router';
import { useApp, useConfig, useMe } from '../api/context.ts';
import { addressOf } from '../ui/app-address.ts';
import type { MenuEntries, MenuPopupProps } from '../ui/Menu.tsx';
import { MenuPopup } from '../ui/MenuPopup.tsx';
import { chooseTheme, useThemeChoice } from '../ui/theme.ts';

/** The way to every page, the theme, and out. `entries` come first. */
export function AppMenuPopup({ entries, ...props }: MenuPopupProps) {
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
  return <MenuPopup {...props} entries={entries.length === 0 ? pages : [...entries, null, ...pages]} />;
}
