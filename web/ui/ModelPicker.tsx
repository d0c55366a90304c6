import { KeyRound } from 'lucide-react';
import { Link } from 'react-router';
import type { ModelProviderInfo } from '../../core/api/llm.ts';
import { useProviderKeys } from '../api/context.ts';
import { hintOfModel } from './model-hint.ts';
import { Select, type SelectGroup } from './Select.tsx';

/** The provider that answers for a model: by its list, else by a `<provider>/` prefix; undefined where none is known. */
export function providerOf(providers: readonly ModelProviderInfo[], model: string): ModelProviderInfo | undefined {
  return (
    providers.find(({ models }) => models.some(({ id }) => id === model)) ??
    providers.find(({ id }) => model.startsWith(`${id}/`)) ??
    providers.find(({ id }) => model !== '' && model.startsWith(id))
  );
}

interface ModelPickerProps {
  /** What the model is asked for, such as `video`: models that are known for other things alone are left out. */
  task?: string | undefined;
  value: string;
  providers: readonly ModelProviderInfo[] | null;
  disabled?: boolean;
  onChange(model: string): void;
}

/** Models by provider; those of a provider without a key are shown, but say what they need. */
export function ModelPicker({ task, value, providers, disabled = false, onChange }: ModelPickerProps) {
  const groups: SelectGroup[] = (providers ?? []).map(({ title, configured, ownKey, models }) => ({
    title: configured || ownKey ? title : `${title}: needs an API key`,
    options: modelsFor(models, task).map((model) => ({
      value: model.id,
      label: model.title,
      hint: hintOfModel(model),
    })),
  }));
  const isListed = groups.some(({ options }) => options.some((option) => option.value === value));
  if (value !== '' && !isListed) groups.unshift({ options: [{ value, label: value }] });
  return (
    <div className="flex flex-col gap-1.5">
      <Select
        label="Model"
        value={value}
        groups={groups.filter(({ options }) => options.length > 0)}
        placeholder={providers === null ? 'Loading models …' : 'Choose a model'}
        disabled={disabled}
        className="nodrag"
        onChange={onChange}
      />
      {providers !== null && <KeyBadge providers={providers} model={value} />}
    </div>
  );
}

type Models = ModelProviderInfo['models'];

/** Those that are known for a task first, then those of which nobody knows what they are for. */
function modelsFor(models: Models, task: string | undefined): Models {
  if (task === undefined) return models;
  const isFor = ({ makes }: Models[number]) => makes?.some((made) => made === task);
  return [...models.filter(isFor), ...models.filter(({ makes }) => makes === undefined)];
}

/** With the server's key, or with one of the user's own. */
const isUsable = ({ configured, ownKey }: ModelProviderInfo) => configured || ownKey;

function KeyBadge({ providers, model }: { providers: readonly ModelProviderInfo[]; model: string }) {
  const provider = providerOf(providers, model);
  const isMissing = provider === undefined ? !providers.some(isUsable) : !isUsable(provider);
  if (!isMissing) return null;
  return <MissingKey variable={provider?.variable ?? providers[0]?.variable ?? 'GEMINI_API_KEY'} />;
}

/** Where a key comes from here: one of one's own, unless the installation can keep none. */
function MissingKey({ variable }: { variable: string }) {
  const { data: keys } = useProviderKeys();
  const name = <code className="font-semibold break-all">{variable}</code>;
  return (
    <p className="flex items-start gap-1.5 rounded-md bg-accent-soft px-2 py-1.5 text-xs text-accent-text">
      <KeyRound size={14} className="mt-0.5 shrink-0" aria-hidden />
      {keys?.available === false ? (
        <span>
          Needs {name} on the server. Personal keys cannot be saved on this installation.{' '}
          <Link to="/settings#model-providers" className="nodrag font-semibold underline">
            What to configure
          </Link>
        </span>
      ) : (
        <span>
          Needs an API key:{' '}
          <Link to="/settings#your-provider-keys" className="nodrag font-semibold underline">
            add yours
          </Link>
          , or set {name} on the server.
        </span>
      )}
    </p>
  );
}
