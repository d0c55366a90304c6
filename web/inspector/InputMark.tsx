import { useShallow } from 'zustand/react/shallow';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { dataTypes as elementTypes, partsOf, type ElementType } from '../../core/data-types/table.ts';
import { useEnvironment, useWorkflow } from '../canvas/environment.ts';
import { useUpdateNode } from '../canvas/node/use-node.ts';
import { nameOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { markOf } from '../graph/input-mark.ts';
import { Field, TextArea, TextInput } from '../ui/Field.tsx';
import { nameAfter, wrongName } from './input-name.ts';
import { MarkDetails } from './MarkDetails.tsx';
import { SwitchRow } from './SwitchRow.tsx';

/** Marks a node that holds a value as an input of its workflow, and says how runs are asked for it. */
export function InputMark({ node, info }: { node: CanvasNode; info: NodeTypeInfo }) {
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
        onChange={(isOn) => update({ input: isOn ? { name: nameAfter(nameOf(node, info.title), others) } : undefined })}
      />
      {mark !== null && (
        <MarkFields
          type={elementOf(node, info)}
          isChoice={info.value?.optionsField !== undefined}
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
  type,
  isChoice,
  mark,
  error,
  disabled,
  onChange,
}: {
  type: ElementType;
  isChoice: boolean;
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
      <MarkDetails type={type} isChoice={isChoice} mark={mark} disabled={disabled} onChange={onChange} />
    </>
  );
}

/** The type of the value, or of each one in the list that a node holds. */
function elementOf(node: CanvasNode, info: NodeTypeInfo): ElementType {
  // What a list holds is chosen in its node.
  const chosen = elementTypes.find((type) => type === node.data['type']);
  const dataType = info.outputs[0]?.dataType ?? 'any';
  return chosen ?? partsOf(dataType).element;
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
