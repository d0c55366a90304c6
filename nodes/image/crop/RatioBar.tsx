import { Lock, LockOpen } from 'lucide-react';
import { cn } from '../../../web/ui/cn.ts';

/** Width by height, as people call it. */
const ratios = [
  ['1:1', 1],
  ['4:5', 4 / 5],
  ['9:16', 9 / 16],
  ['16:9', 16 / 9],
] as const;

interface RatioBarProps {
  /** Width by height that is kept, in pixels; null: none. */
  readonly locked: number | null;
  readonly isDisabled: boolean;
  /** `current` keeps the proportions that the box has. */
  onLock(ratio: number | 'current' | null): void;
}

/** The shapes that a crop can keep. */
export function RatioBar({ locked, isDisabled, onLock }: RatioBarProps) {
  const isKnown = ratios.some(([, ratio]) => ratio === locked);
  return (
    <div role="group" aria-label="Aspect ratio" className="nodrag flex h-6 items-stretch gap-1">
      <Choice isPressed={locked === null} isDisabled={isDisabled} onClick={() => onLock(null)}>
        Free
      </Choice>
      {ratios.map(([name, ratio]) => (
        <Choice key={name} isPressed={locked === ratio} isDisabled={isDisabled} onClick={() => onLock(ratio)}>
          {name}
        </Choice>
      ))}
      <Choice
        label="Keep these proportions"
        isPressed={locked !== null && !isKnown}
        isDisabled={isDisabled}
        onClick={() => onLock(locked === null || isKnown ? 'current' : null)}
      >
        {locked === null ? <LockOpen size={12} aria-hidden /> : <Lock size={12} aria-hidden />}
      </Choice>
    </div>
  );
}

interface ChoiceProps {
  readonly label?: string;
  readonly isPressed: boolean;
  readonly isDisabled: boolean;
  readonly children: React.ReactNode;
  onClick(): void;
}

function Choice({ label, isPressed, isDisabled, children, onClick }: ChoiceProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      disabled={isDisabled}
      onClick={onClick}
      className={cn(
        'flex flex-1 items-center justify-center rounded border px-1 text-2xs',
        isPressed ? 'border-accent-text bg-accent-soft text-ink' : 'border-line text-muted hover:bg-hover',
      )}
    >
      {children}
    </button>
  );
}
