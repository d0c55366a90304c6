import { useSyncExternalStore } from 'react';

/** `system` follows the device, also while the page is open. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const storageKey = 'heddle.theme';
const listeners = new Set<() => void>();

function systemQuery(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: light)');
}

/** What the user chose on this device; `system` where nothing was chosen. */
export function readThemeChoice(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function resolvedTheme(): 'light' | 'dark' {
  const choice = readThemeChoice();
  if (choice !== 'system') return choice;
  return systemQuery().matches ? 'light' : 'dark';
}

function applyTheme(): void {
  document.documentElement.dataset['theme'] = resolvedTheme();
  for (const listener of listeners) listener();
}

/** Sets the theme on the page and follows the system from then on. Call once, before the first render. */
export function startTheme(): void {
  applyTheme();
  systemQuery().addEventListener('change', applyTheme);
}

/** Applies at once and is remembered on this device only. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, choice);
  applyTheme();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme in force. */
export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, resolvedTheme);
}

/** What the user chose. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, readThemeChoice);
}
