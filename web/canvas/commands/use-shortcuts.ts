import { useEffect, useMemo } from 'react';
import { belongsToControl, formAround, isTyping, keysOf } from '../../ui/keys.ts';
import type { Commands } from './commands.ts';

/** Runs commands by their keys. A dialog that is open keeps its keys to itself. */
export function useShortcuts(commands: Commands): void {
  const byKeys = useMemo(
    () =>
      new Map(
        Object.values(commands)
          .filter(({ isNative }) => isNative !== true)
          .flatMap((command) => (command.keys ?? []).map((keys) => [keys, command] as const)),
      ),
    [commands],
  );
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const keys = keysOf(event);
      const command = byKeys.get(keys);
      if (command === undefined) return;
      if (isInOverlay(event.target) || isBehindDialog(event.target) || isTakenAround(event.target, keys)) return;
      // Closes that list; the next one leaves the field.
      if (keys === 'Escape' && hasOpenList(event.target)) return;
      if (keys === 'Escape' && formAround(event.target) !== null) {
        // Out of the field first; the next one clears the selection.
        event.preventDefault();
        event.stopPropagation();
        leaveField();
        return;
      }
      const isForField = isTyping(event.target) && command.worksInFields === true;
      if (!isForField && belongsToControl(event.target, keys)) return;
      event.preventDefault();
      event.stopPropagation();
      if (command.isEnabled !== false) command.run();
    };
    // Before React Flow, which takes Ctrl+Enter on a node for a click.
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, [byKeys]);
}

function isInOverlay(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}

/** A part that does something else at these keys, such as a question that is answered: it names them in `data-keys`. */
function isTakenAround(target: EventTarget | null, keys: string): boolean {
  return target instanceof Element && target.closest(`[data-keys~="${CSS.escape(keys)}"]`) !== null;
}

/** A field with a list of suggestions of its own, in which one is chosen. */
function hasOpenList(target: EventTarget | null): boolean {
  return target instanceof Element && target.hasAttribute('aria-activedescendant');
}

/** A button that was pressed in a dialog and is off now has given its focus to the page: keys are the dialog's all the same. */
function isBehindDialog(target: EventTarget | null): boolean {
  return target === document.body && document.querySelector('[data-modal]') !== null;
}

/** Gives the focus back to the selected node, else to the page. */
function leaveField(): void {
  const node = document.querySelector<HTMLElement>('.react-flow__node.selected');
  if (node !== null) node.focus();
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
