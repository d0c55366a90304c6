/**
 * What a node can wait for: an answer of a person, a moment, a call from outside, a job at a provider. No node of this version
 * makes a `webhook`: a program answers the question of a node by its link, as a person does. The name is kept for node types to come.
 */
export const waitKinds = ['person', 'timer', 'webhook', 'provider'] as const;
export type WaitKind = (typeof waitKinds)[number];

/**
 * How a wait came to an end.
 * - answered: somebody or something said so; `action`, `values` and `indices` are what was said.
 * - due: its time was over, which is what a timer waits for.
 * - expired: its time was over without an answer.
 * - cancelled: its run was ended.
 */
export interface WaitResolution {
  readonly outcome: 'answered' | 'due' | 'expired' | 'cancelled';
  readonly action?: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly indices?: readonly number[];
  /** Whoever had the link answered, and called themselves so, or nothing. */
  readonly link?: { readonly name: string | null };
}

/** What is read of somebody who answered by a link. Their name is what they said: it never stands there alone. */
export function namedByLink(name: string | null): string {
  return `${name ?? 'somebody'} (by link)`;
}
