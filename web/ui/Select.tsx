import { ChevronsUpDown } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { afterEvent } from './after-event.ts';
import { cn } from './cn.ts';
import { lazyPart } from './lazy-part.ts';

/** One value to choose; `value` has to be unique in the whole list. */
export interface SelectOption {
  value: string;
  label: string;
  /** A second line in the list. */
  hint?: string;
  disabled?: boolean;
}

/** Options under a heading, or without one where `title` is left out. */
export interface SelectGroup {
  title?: string;
  options: readonly SelectOption[];
}

/** `label` is the accessible name; `placeholder` shows while `value` is empty; default: "Choose …". */
export interface SelectProps {
  label: string;
  value: string;
  groups: readonly SelectGroup[];
  placeholder?: string;
  disabled?: boolean;
  className?: string;
  /** Default: as wide as its place. */
  width?: string;
  onChange(value: string): void;
}

/** It stays closed until the list is there. */
const list = lazyPart(
  () => import('./OpenSelect.tsx'),
  'OpenSelect',
  (props: SelectProps) => <ClosedSelect {...props} onOpen={() => undefined} />,
);
const OpenSelect = list.Component;

/** One of several values, in groups. `label` is its accessible name. The list is fetched when somebody comes near. */
export function Select(props: SelectProps) {
  const [isWanted, setIsWanted] = useState(false);
  if (isWanted) return <OpenSelect {...props} />;
  return <ClosedSelect {...props} onOpen={() => afterEvent(() => setIsWanted(true))} />;
}

/** The field before it was opened for the first time. */
function ClosedSelect({
  label,
  value,
  groups,
  placeholder,
  disabled,
  className,
  width,
  onOpen,
}: SelectProps & { onOpen(): void }) {
  const text = value === '' ? null : (new Map(labelsOf(groups)).get(value) ?? value);
  return (
    <button
      type="button"
      role="combobox"
      aria-label={label}
      aria-haspopup="listbox"
      aria-expanded="false"
      disabled={disabled}
      onClick={onOpen}
      {...list.whenNear}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
        event.preventDefault();
        event.stopPropagation();
        onOpen();
      }}
      className={selectClass(width, className)}
    >
      <SelectFace text={text} placeholder={placeholder} />
    </button>
  );
}

/** What stands in the field. */
export function SelectFace({ text, placeholder }: { text: string | null; placeholder: string | undefined }) {
  return (
    <>
      <span className={cn('truncate', text === null && 'text-faint')}>{text ?? placeholder ?? 'Choose …'}</span>
      <ChevronsUpDown size={14} aria-hidden className="shrink-0 text-faint" />
    </>
  );
}

/** The classes of a closed select. `width` is a class, too; default: as wide as its place. */
export function selectClass(width = 'w-full', className?: string): string {
  return cn(
    'flex h-8 items-center justify-between gap-2 rounded-md border border-line bg-field px-2 text-left text-sm hover:border-line-strong disabled:opacity-50',
    width,
    className,
  );
}

/** Labels by value. */
export function labelsOf(groups: readonly SelectGroup[]): [string, string][] {
  return groups.flatMap((group) => group.options.map(({ value, label }): [string, string] => [value, label]));
}
