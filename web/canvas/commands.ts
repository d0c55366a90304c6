import { useEffect, useMemo } from 'react';

/** Something a user can do by key, by menu or through the command palette. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: 'Run' | 'Edit' | 'Arrange' | 'View' | 'Workflow';
  /** `Mod+Shift+Z`; a second one separated by a space. */
  readonly keys?: string;
  readonly isEnabled?: boolean;
  /** Shown among the shortcuts, but handled by the browser (copy, paste). */
  readonly isNative?: boolean;
  /** Works while a text field has the focus too. */
  readonly worksInFields?: boolean;
  run(): void;
}

/** Whether typing goes into a field, so that letters are not commands. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'button', 'range'].includes(target.type))
  );
}

/** `Mod+Shift+Z` of a key press; Mod is Ctrl, on a Mac also Cmd. */
export function keysOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // On many layouts ? and [ need Shift: the sign itself is the key then.
  const isSign = name.length === 1 && !/[A-Z0-9]/.test(name);
  return [
    (event.ctrlKey || event.metaKey) && 'Mod',
    event.shiftKey && !isSign && 'Shift',
    event.altKey && 'Alt',
    name === 'Delete' ? 'Del' : name,
  ]
    .filter(Boolean)
    .join('+');
}

/** Runs commands by their keys. A dialog that is open keeps its keys to itself. */
export function useShortcuts(commands: readonly Command[]): void {
  const byKeys = useMemo(
    () =>
      new Map(
        commands.flatMap((command) =>
          command.isNative === true ? [] : (command.keys ?? '').split(' ').map((keys) => [keys, command] as const),
        ),
      ),
    [commands],
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = byKeys.get(keysOf(event));
      if (command === undefined) return;
      if (isTyping(event.target) && command.worksInFields !== true) return;
      const isInDialog =
        event.target instanceof Element &&
        event.target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
      if (isInDialog) return;
      event.preventDefault();
      event.stopPropagation();
      if (command.isEnabled !== false) command.run();
    };
    // Before React Flow, which takes Ctrl+Enter on a node for a click.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [byKeys]);
}
