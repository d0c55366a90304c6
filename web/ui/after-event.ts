/**
 * Does something once the present event has passed everybody: what opened in
 * the middle of a click would take that click for one beside itself, and close.
 */
export function afterEvent(act: () => void): void {
  setTimeout(act, 0);
}
