import type { CSSProperties } from 'react';

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
  // A range of nothing would divide by zero.
  const share = max > min ? (value - min) / (max - min) : 0;
  return (
    <input
      type="range"
      aria-label={label}
      value={value}
      min={min}
      max={max}
      step={step}
      disabled={disabled}
      onChange={(event) => onChange(event.target.valueAsNumber)}
      style={{ '--share': `${share * 100}%` } as CSSProperties}
      className="slider nodrag"
    />
  );
}
