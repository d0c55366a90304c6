import { Switch } from '../ui/Switch.tsx';

/** A switch with its name beside it, and what it does below. */
export function SwitchRow({
  label,
  hint,
  ...control
}: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled: boolean;
  onChange(checked: boolean): void;
}) {
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between">
        <span className="text-xs font-medium text-muted">{label}</span>
        <Switch label={label} {...control} />
      </div>
      {hint !== undefined && <span className="text-xs text-faint">{hint}</span>}
    </div>
  );
}
