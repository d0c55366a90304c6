import { useShallow } from 'zustand/react/shallow';
import { useEnvironment, useWorkflow } from '../canvas/environment.ts';
import { useUpdateNode } from '../canvas/node/use-node.ts';
import { nameOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { markOf } from '../graph/input-mark.ts';
import { Field, TextArea, TextInput } from '../ui/Field.tsx';
import { Switch } from '../ui/Switch.tsx';
import { nameAfter, wrongName } from './input-name.ts';

/** Marks a node that holds a value as an input of its workflow, and says how runs are asked for it. */
export function InputMark({ node, title }: { node: CanvasNode; title: string }) {
  const { isReadOnly } = useEnvironment();
  const update = useUpdateNode(node.id);
  const others = useOtherNames(node.id);
  const mark = markOf(node.data);
  return (
    <section aria-label="Workflow input" className="flex flex-col gap-3 border-t border-line pt-3">
      <SwitchRow
        label="Workflow input"
        hint="Runs are asked for this value, by a name that other programs can use."
        checked={mark !== null}
        disabled={isReadOnly}
        onChange={(isOn) => update({ input: isOn ? { name: nameAfter(nameOf(node, title), others) } : undefined })}
      />
      {mark !== null && (
        <MarkFields
          mark={mark}
          error={wrongName(mark['name'], others)}
          disabled={isReadOnly}
          onChange={(change) => update({ input: { ...mark, ...change } })}
        />
      )}
    </section>
  );
}

function MarkFields({
  mark,
  error,
  disabled,
  onChange,
}: {
  mark: Readonly<Record<string, unknown>>;
  error: string | undefined;
  disabled: boolean;
  onChange(change: Readonly<Record<string, unknown>>): void;
}) {
  const name = textOf(mark['name']);
  return (
    <>
      <Field label="Input name" error={error} hint="Letters, digits and underscores">
        {({ id, describedBy, isInvalid }) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            aria-invalid={isInvalid}
            value={name}
            spellCheck={false}
            autoComplete="off"
            disabled={disabled}
            className="font-mono"
            onChange={(event) => onChange({ name: event.target.value.trim() })}
          />
        )}
      </Field>
      <Field label="Label">
        {({ id }) => (
          <TextInput
            id={id}
            value={textOf(mark['label'])}
            placeholder={name}
            maxLength={255}
            disabled={disabled}
            onChange={(event) => onChange({ label: event.target.value || undefined })}
          />
        )}
      </Field>
      <Field label="Help">
        {({ id }) => (
          <TextArea
            id={id}
            value={textOf(mark['help'])}
            minRows={2}
            maxLength={2_000}
            placeholder="Shown below the field"
            disabled={disabled}
            onChange={(event) => onChange({ help: event.target.value || undefined })}
          />
        )}
      </Field>
      <SwitchRow
        label="Required"
        hint="Each run has to give a value; the one in the node does not count."
        checked={mark['required'] === true}
        disabled={disabled}
        onChange={(isOn) => onChange({ required: isOn || undefined })}
      />
    </>
  );
}

function SwitchRow({
  label,
  hint,
  ...control
}: {
  label: string;
  hint: string;
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
      <span className="text-xs text-faint">{hint}</span>
    </div>
  );
}

/** The names of the inputs that the other nodes are. */
function useOtherNames(nodeId: string): readonly string[] {
  return useWorkflow(
    useShallow(({ nodes }) =>
      nodes.flatMap(({ id, data }) => {
        const name = id === nodeId ? undefined : markOf(data)?.['name'];
        return typeof name === 'string' ? [name] : [];
      }),
    ),
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
