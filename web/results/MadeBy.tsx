import { cn } from '../ui/cn.ts';
import type { MadeByFact } from './made-by.ts';

/** How a result was made; `others` marks what differs from them. */
export function MadeBy({
  facts,
  others = [],
  className,
}: {
  readonly facts: readonly MadeByFact[];
  readonly others?: readonly (readonly MadeByFact[])[];
  readonly className?: string;
}) {
  const differs = ([name, words]: MadeByFact) =>
    others.some((other) => other.find(([otherName]) => otherName === name)?.[1] !== words);
  return (
    <dl className={cn('made-by text-xs', className)}>
      {facts.map((fact) => {
        const [name, words] = fact;
        const isDifferent = differs(fact);
        return (
          <div key={name} data-differs={isDifferent || undefined}>
            <dt className={cn('text-2xs', isDifferent ? 'font-semibold text-accent-text' : 'text-faint')}>
              {name}
              {isDifferent && <span className="sr-only"> (differs)</span>}
            </dt>
            <dd className="max-h-32 overflow-y-auto break-words whitespace-pre-wrap text-muted select-text">{words}</dd>
          </div>
        );
      })}
    </dl>
  );
}
