import type { CSSProperties } from 'react';

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  disabled?: boolean;
  /** Nothing is chosen yet; `value` is where dragging begins. */
  isUnset?: boolean;
  onChange(value: number): void;
}

/** A number chosen by dragging, or by arrow keys. */
export function Slider({ label, value, min, max, step, disabled = false, isUnset = false, onChange }: SliderProps) {
  // A range of nothing would divide by zero.
  const share = max > min ? (value - min) / (max - min) : 0;
  return (
    <input
      type="range"
      aria-label={label}
      aria-valuetext={isUnset ? 'default' : undefined}
      value={value}
      min={min}
      max={max}
      step={step}
      disabled={disabled}
      onChange={(event) => onChange(event.target.valueAsNumber)}
      style={{ '--share': `${share * 100}%` } as CSSProperties}
      className={isUnset ? 'slider nodrag opacity-50' : 'slider nodrag'}
    />
  );
}
