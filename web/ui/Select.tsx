import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import { cn } from './cn.ts';

export interface SelectOption {
  value: string;
  label: string;
  /** A second line in the list. */
  hint?: string;
  disabled?: boolean;
}

export interface SelectGroup {
  title?: string;
  options: readonly SelectOption[];
}

interface SelectProps {
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

/** One of several values, in groups. `label` is its accessible name. */
export function Select({
  label,
  value,
  groups,
  placeholder,
  disabled = false,
  className,
  width = 'w-full',
  onChange,
}: SelectProps) {
  const labels = Object.fromEntries(groups.flatMap((group) => group.options.map(({ value, label }) => [value, label])));
  return (
    <BaseSelect.Root
      items={labels}
      value={value === '' ? null : value}
      disabled={disabled}
      modal={false}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <BaseSelect.Trigger
        aria-label={label}
        className={cn(
          'flex h-8 items-center justify-between gap-2 rounded-md border border-line bg-field px-2 text-left text-sm hover:border-line-strong disabled:opacity-50',
          width,
          className,
        )}
      >
        <BaseSelect.Value className="truncate">
          {(current: string | null) =>
            current === null ? (
              <span className="text-faint">{placeholder ?? 'Choose …'}</span>
            ) : (
              (labels[current] ?? current)
            )
          }
        </BaseSelect.Value>
        <BaseSelect.Icon className="text-faint">
          <ChevronsUpDown size={14} aria-hidden />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-60 outline-none">
          <BaseSelect.Popup className="popup max-h-80 min-w-[var(--anchor-width)] overflow-y-auto rounded-lg border border-line bg-raised p-1 text-sm shadow-popup outline-none">
            {groups.map((group, index) => (
              <BaseSelect.Group key={group.title ?? index}>
                {group.title !== undefined && (
                  <BaseSelect.GroupLabel className="px-2 pt-2 pb-1 text-2xs font-semibold text-faint">
                    {group.title}
                  </BaseSelect.GroupLabel>
                )}
                {group.options.map((option) => (
                  <BaseSelect.Item
                    key={option.value}
                    value={option.value}
                    disabled={option.disabled ?? false}
                    className="flex items-center gap-2 rounded-md px-2 py-1 outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover"
                  >
                    <span className="w-4">
                      <BaseSelect.ItemIndicator>
                        <Check size={14} aria-hidden />
                      </BaseSelect.ItemIndicator>
                    </span>
                    <BaseSelect.ItemText>
                      {option.label}
                      {option.hint !== undefined && <span className="block text-2xs text-faint">{option.hint}</span>}
                    </BaseSelect.ItemText>
                  </BaseSelect.Item>
                ))}
              </BaseSelect.Group>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
