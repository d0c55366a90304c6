import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { Link } from 'react-router';
import { queryKeys, useApp } from '../api/context.ts';
import { Select } from './Select.tsx';

interface SecretPickerProps {
  readonly title: string;
  readonly value: string;
  readonly disabled: boolean;
  onChange(name: string): void;
}

/** One of the user's secrets, by name; says where they are saved where there is none of that name. */
export function SecretPicker({ title, value, disabled, onChange }: SecretPickerProps) {
  const { api } = useApp();
  const secrets = useQuery({ queryKey: queryKeys.secrets, queryFn: () => api.listSecrets(), staleTime: 60_000 });
  const items = secrets.data?.items ?? [];
  const isKnown = value === '' || secrets.data === undefined || items.some(({ name }) => name === value);
  const options = items.map(({ name, hosts }) => ({ value: name, label: `${name} (${hosts.join(', ')})` }));
  return (
    <div className="flex flex-col gap-1.5">
      <Select
        label={title}
        value={value}
        groups={[
          {
            options:
              value === '' || items.some(({ name }) => name === value)
                ? options
                : [{ value, label: value }, ...options],
          },
        ]}
        placeholder={secrets.isPending ? 'Loading …' : 'Choose a secret'}
        disabled={disabled}
        className="nodrag"
        onChange={onChange}
      />
      {(!isKnown || (secrets.data !== undefined && items.length === 0)) && (
        <p className="flex items-start gap-1.5 rounded-md bg-accent-soft px-2 py-1.5 text-xs text-accent-text">
          <KeyRound size={14} className="mt-0.5 shrink-0" aria-hidden />
          <span>
            {value === '' ? 'You have no secrets yet: ' : `You have no secret "${value}": `}
            <Link to="/settings#your-secrets" className="nodrag font-semibold underline">
              add it
            </Link>
            .
          </span>
        </p>
      )}
    </div>
  );
}
