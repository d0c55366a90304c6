import { TextInput } from './Field.tsx';

const hexPattern = /^#[0-9a-f]{6}/i;

/** A color as `#rrggbb`, picked or typed; `#rrggbbaa` is partly transparent. */
export function ColorInput({
  id,
  value,
  disabled,
  onChange,
}: {
  id: string;
  value: string;
  disabled: boolean;
  onChange(value: string): void;
}) {
  const picked = hexPattern.exec(value)?.[0] ?? '#000000';
  return (
    <span className="flex items-center gap-1.5">
      <input
        type="color"
        aria-label="Pick a color"
        value={picked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value + value.slice(picked.length))}
        className="nodrag h-8 w-9 shrink-0 rounded-md border border-line bg-field p-1"
      />
      <TextInput
        id={id}
        value={value}
        disabled={disabled}
        spellCheck={false}
        placeholder="#rrggbb"
        onChange={(event) => onChange(event.target.value.trim())}
        className="font-mono"
      />
    </span>
  );
}
