import type { KeyboardEvent } from 'react';

/** How far an arrow key moves something, to the right and down, in percent: 1, with Alt 0.1. Null for any other key. */
export function arrowStep({ key, altKey }: Pick<KeyboardEvent, 'key' | 'altKey'>): readonly [number, number] | null {
  const step = altKey ? 0.1 : 1;
  switch (key) {
    case 'ArrowLeft':
      return [-step, 0];
    case 'ArrowRight':
      return [step, 0];
    case 'ArrowUp':
      return [0, -step];
    case 'ArrowDown':
      return [0, step];
    default:
      return null;
  }
}
