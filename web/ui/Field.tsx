import { useEffect, useId, useRef, useState, type ComponentProps, type ReactNode } from 'react';
import { cn } from './cn.ts';
import { readNumber, type NumberRules } from './read-number.ts';

const inputClass =
  'w-full rounded-md border border-line bg-field px-2 text-sm text-ink hover:border-line-strong disabled:opacity-60 aria-[invalid=true]:border-danger';

/** A labeled control: `children` gets the id to put on the control. */
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

/** One line of text. Dragging in it selects text and does not move the node around it. */
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

interface NumberInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'min' | 'max'> {
  value: number | undefined;
  rules?: NumberRules | undefined;
  /** Default true; false where there is no room for it. */
  hasUnitShown?: boolean;
  /** Undefined: the field was left empty. */
  onChange(value: number | undefined): void;
  /** Why it is not what was typed, to be shown at the field; null: nothing to say. */
  onWords(words: string | null): void;
}

/**
 * A number, typed in any way that it can be read. While typing, what the field
 * takes counts at once, and everything else is nobody's mistake yet; that is
 * told, and mended where it can be, on leaving and with Enter.
 */
export function NumberInput({
  value,
  rules = {},
  hasUnitShown = true,
  onChange,
  onWords,
  className,
  ...props
}: NumberInputProps) {
  const unit = hasUnitShown ? rules.unit : undefined;
  const [draft, setDraft] = useState<string | null>(null);
  const finish = () => {
    if (draft === null) return;
    const read = readNumber(draft, rules);
    setDraft(null);
    if (read.kind === 'value') onChange(read.value);
    else if (read.kind === 'empty') onChange(undefined);
    else if (read.value !== null) onChange(read.value);
    const isKept = read.kind === 'other' && read.value === null && value !== undefined;
    onWords(read.kind === 'other' ? `${read.words}${isKept ? ` It stays ${round(value)}.` : ''}` : null);
  };
  return (
    <span className={cn('relative flex', className)}>
      <input
        {...props}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={draft ?? (value === undefined ? '' : String(rules.isExact === true ? value : round(value)))}
        onChange={(event) => {
          const text = event.target.value;
          setDraft(text);
          onWords(null);
          const read = readNumber(text, rules);
          if (read.kind === 'value') onChange(read.value);
        }}
        onBlur={finish}
        onKeyDown={(event) => event.key === 'Enter' && finish()}
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

/** Two decimals are finer than a pixel of an 8K image in percent; what is smaller keeps two digits. */
function round(value: number): number {
  return Math.abs(value) >= 0.01 ? Math.round(value * 100) / 100 : Number(value.toPrecision(2));
}
