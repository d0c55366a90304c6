import { useEffect, useId, useRef, useState, type ComponentProps, type ReactNode } from 'react';
import { cn } from './cn.ts';

const inputClass =
  'w-full rounded-md border border-line bg-field px-2 text-sm text-ink hover:border-line-strong disabled:opacity-60 aria-[invalid=true]:border-danger';

/** A labelled control: `children` gets the id to put on the control. */
export function Field({
  label,
  hint,
  error,
  isLabelHidden = false,
  trailing,
  children,
}: {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  isLabelHidden?: boolean;
  /** Shown at the end of the label row. */
  trailing?: ReactNode;
  children(control: { id: string; describedBy: string | undefined; isInvalid: boolean }): ReactNode;
}) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className="flex flex-col gap-1">
      <div className={cn('flex items-center justify-between', isLabelHidden && trailing === undefined && 'sr-only')}>
        <label htmlFor={id} className={cn('text-xs font-medium text-muted', isLabelHidden && 'sr-only')}>
          {label}
        </label>
        {trailing}
      </div>
      {children({ id, describedBy: note === undefined ? undefined : `${id}-note`, isInvalid: error !== undefined })}
      {note !== undefined && (
        <span id={`${id}-note`} className={cn('text-xs', error === undefined ? 'text-faint' : 'text-danger')}>
          {note}
        </span>
      )}
    </div>
  );
}

export function TextInput({ className, ...props }: ComponentProps<'input'>) {
  return <input {...props} className={cn(inputClass, 'nodrag h-8', className)} />;
}

/** Grows with its text up to `maxRows`, then scrolls. */
export function TextArea({
  className,
  maxRows = 12,
  minRows = 3,
  value,
  ...props
}: ComponentProps<'textarea'> & { maxRows?: number; minRows?: number }) {
  const ref = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = ref.current;
    if (area === null) return;
    area.style.height = 'auto';
    // 20 px a row, plus padding and border.
    const limit = maxRows * 20 + 14;
    area.style.height = `${Math.min(area.scrollHeight + 2, limit)}px`;
    area.style.overflowY = area.scrollHeight + 2 > limit ? 'auto' : 'hidden';
  }, [value, maxRows]);
  return (
    <textarea
      {...props}
      ref={ref}
      rows={minRows}
      value={value}
      className={cn(inputClass, 'nodrag nowheel resize-none py-1.5 leading-5', className)}
    />
  );
}

interface NumberInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  value: number | undefined;
  unit?: string | undefined;
  onChange(value: number | undefined): void;
}

/** A number; what cannot be read as one is kept while typing and dropped on leaving. Empty means unset. */
export function NumberInput({ value, unit, onChange, className, ...props }: NumberInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <span className={cn('relative flex', className)}>
      <input
        {...props}
        type="text"
        inputMode="decimal"
        value={draft ?? (value === undefined ? '' : String(round(value)))}
        onChange={(event) => {
          const text = event.target.value;
          setDraft(text);
          const number = Number(text.replace(',', '.'));
          if (text.trim() === '') onChange(undefined);
          else if (Number.isFinite(number)) onChange(number);
        }}
        onBlur={() => setDraft(null)}
        className={cn(inputClass, 'nodrag h-8', unit !== undefined && 'pr-12')}
      />
      {unit !== undefined && (
        <span className="pointer-events-none absolute inset-y-0 right-2 flex items-center text-xs text-faint">
          {unit}
        </span>
      )}
    </span>
  );
}

/** Two decimals are finer than a pixel of an 8K picture in percent. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
