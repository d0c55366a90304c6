import { Slider as BaseSlider } from '@base-ui/react/slider';

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  disabled?: boolean;
  onChange(value: number): void;
}

/** A number chosen by dragging, or by arrow keys. */
export function Slider({ label, value, min, max, step, disabled = false, onChange }: SliderProps) {
  return (
    <BaseSlider.Root
      value={value}
      min={min}
      max={max}
      step={step}
      disabled={disabled}
      onValueChange={(next) => onChange(Array.isArray(next) ? (next[0] ?? min) : (next as number))}
      className="nodrag w-full"
    >
      <BaseSlider.Control className="flex h-6 w-full touch-none items-center select-none">
        <BaseSlider.Track className="h-1 w-full rounded-full bg-pressed">
          <BaseSlider.Indicator className="rounded-full bg-accent" />
          <BaseSlider.Thumb
            aria-label={label}
            className="size-3.5 rounded-full border-2 border-surface bg-accent has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus"
          />
        </BaseSlider.Track>
      </BaseSlider.Control>
    </BaseSlider.Root>
  );
}
