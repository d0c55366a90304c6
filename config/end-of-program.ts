/** What a program tells the process that supervises it before it ends: it is not to blame, what it needs is away. */
export const servicesAway = 'services away';

/** Ends this process with 1, and tells who supervises it where that is no fault of its own. */
export function endProgram(isBlameless: boolean): void {
  const end = () => process.exit(1);
  if (!isBlameless || process.send === undefined || !process.connected) end();
  else process.send(servicesAway, end);
}
