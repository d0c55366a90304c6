import type { AppLink } from '../../core/api/links.ts';
import { countOf } from '../ui/format.ts';

/** How a link stands. */
export const stateWords: Record<AppLink['state'], string> = {
  open: 'Works',
  off: 'Turned off',
  expired: 'Expired',
  'used-up': 'Used up',
};

/** What a link is called on its page: addresses are not shown again. */
export function nameOf({ name, createdAt }: Pick<AppLink, 'name' | 'createdAt'>): string {
  return name ?? `Link of ${new Date(createdAt).toLocaleDateString(undefined, { dateStyle: 'medium' })}`;
}

/** What a link is good for, line by line. */
export function aboutWords({ runs, maxRuns, expiresAt, inputs, fixed }: AppLink): string[] {
  const values = Object.entries(fixed).map(([name, value]) => `${name} is always ${JSON.stringify(value)}`);
  return [
    maxRuns === null ? `${countOf(runs, 'run')} so far, no limit` : `${runs} of ${countOf(maxRuns, 'run')} used`,
    expiresAt === null
      ? 'Does not expire'
      : `Works until ${new Date(expiresAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`,
    ...(inputs === null
      ? []
      : [inputs.length === 0 ? 'No inputs to fill in' : `Inputs to fill in: ${inputs.join(', ')}`]),
    ...values,
  ];
}
