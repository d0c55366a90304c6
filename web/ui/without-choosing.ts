import type { MouseEvent } from 'react';

/** For a button that shows something in large: the node that it stands on is not selected by it, so nothing else is drawn anew. */
export function withoutChoosing(show: () => void): (event: MouseEvent) => void {
  return (event) => {
    event.stopPropagation();
    show();
  };
}
