import { Select as BaseSelect } from '@base-ui/react/select';
import { Check } from 'lucide-react';
import { labelsOf, selectClass, SelectFace, type SelectProps } from './Select.tsx';

/** The field with its list, which opens at once. */
export function OpenSelect({
  label,
  value,
  groups,
  placeholder,
  disabled = false,
  className,
  width,
  onChange,
}: SelectProps) {
  const labels = Object.fromEntries(labelsOf(groups));
  return (
    <BaseSelect.Root
      items={labels}
      value={value === '' ? null : value}
      disabled={disabled}
      modal={false}
      defaultOpen
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <BaseSelect.Trigger aria-label={label} className={selectClass(width, className)}>
        <SelectFace text={value === '' ? null : (labels[value] ?? value)} placeholder={placeholder} />
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-60 outline-none">
          <BaseSelect.Popup className="popup max-h-80 max-w-[var(--available-width)] min-w-[var(--anchor-width)] overflow-y-auto rounded-lg border border-line bg-raised p-1 text-sm shadow-popup outline-none">
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
