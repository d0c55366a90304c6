import { Coins } from 'lucide-react';
import type { ModelUsage } from '../../../core/api/runs.ts';
import { formatCost } from '../../ui/format.ts';

/** What the work of a model took: tokens, and about how much money. */
export function UsageLine({ usage }: { usage: ModelUsage }) {
  return (
    <p
      className="flex shrink-0 items-center gap-1.5 text-2xs whitespace-nowrap text-faint"
      title="Tokens and estimated cost"
    >
      <Coins size={12} aria-hidden />
      <span className="flex-1">
        {usage.inputTokens.toLocaleString()} tokens in, {usage.outputTokens.toLocaleString()} out
      </span>
      {typeof usage.costUsd === 'number' && <span>{formatCost(usage.costUsd)}</span>}
    </p>
  );
}
