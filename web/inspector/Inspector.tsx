import { X } from 'lucide-react';
import { useEffect, useRef, useState, type Ref } from 'react';
import { isSameContent, nameOf, type CanvasNode } from '../graph/canvas-graph.ts';
import { infoOf } from '../graph/catalogue.ts';
import { useEnvironment, useWorkflow, useWorkflowUnless } from '../canvas/environment.ts';
import { NodeForm } from '../canvas/node/NodeForm.tsx';
import { useKnownInputs, useNodeResult } from '../canvas/node/use-node.ts';
import { IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field, TextArea, TextInput } from '../ui/Field.tsx';
import { Icon } from '../ui/Icon.tsx';
import { Tabs } from '../ui/Tabs.tsx';
import { countOf } from '../ui/format.ts';
import { ExecutionDetails } from '../runs/ExecutionDetails.tsx';
import { Connections } from './Connections.tsx';
import { InputMark } from './InputMark.tsx';
import { SelectionActions } from './SelectionActions.tsx';

/** Everything about the selected node: all its fields, its connections, and its part in the shown run; `foot` is below. */
export function Inspector({
  foot,
  isAwaited,
  onArrive,
  onClose,
}: {
  foot: Ref<HTMLDivElement>;
  /** Whether the focus is to move here; `onArrive` says that it has. */
  isAwaited: boolean;
  onArrive(): void;
  onClose(): void;
}) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isAwaited) return;
    panel.current?.focus();
    onArrive();
  }, [isAwaited, onArrive]);
  const selectedNodes = useWorkflow((state) => state.selectedNodes);
  const node = useWorkflowUnless(
    (state) => (selectedNodes.length === 1 ? state.nodes.find(({ id }) => id === selectedNodes[0]) : undefined),
    isSameContent,
  );
  return (
    <aside
      id="inspector"
      ref={panel}
      tabIndex={-1}
      aria-label="Inspector"
      className="nokey flex w-80 shrink-0 flex-col border-l border-line bg-surface"
    >
      {node === undefined ? (
        <>
          <div className="flex h-11 items-center gap-2 border-b border-line pr-2 pl-4">
            <h2 className="flex-1 font-semibold">{countOf(selectedNodes.length, 'node')}</h2>
            <CloseButton onClose={onClose} />
          </div>
          <SelectionActions />
        </>
      ) : (
        <NodeInspector key={node.id} node={node} onClose={onClose} />
      )}
      <div
        ref={foot}
        className="mt-auto flex shrink-0 justify-end border-t border-line p-[15px] has-[>[hidden]]:hidden empty:hidden"
      />
    </aside>
  );
}

function CloseButton({ onClose }: { onClose(): void }) {
  return (
    <IconButton label="Hide the inspector" shortcut="]" onClick={onClose}>
      <X size={16} />
    </IconButton>
  );
}

function NodeInspector({ node, onClose }: { node: CanvasNode; onClose(): void }) {
  const { catalogue, isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const [tab, setTab] = useState('fields');
  const info = infoOf(catalogue, node);
  return (
    <>
      <div className="flex h-11 items-center gap-2 border-b border-line pr-2 pl-4">
        <span className="text-muted">
          <Icon name={info?.icon ?? 'box'} />
        </span>
        <h2 className="min-w-0 flex-1 truncate font-semibold">{nameOf(node, info?.title)}</h2>
        <CloseButton onClose={onClose} />
      </div>
      {info === undefined ? (
        <div className="p-4">
          <NodeText node={node} />
        </div>
      ) : (
        <Tabs
          label="Inspector"
          value={tab}
          onChange={setTab}
          className="flex min-h-0 flex-1 flex-col [&>[role=tabpanel]]:min-h-0 [&>[role=tabpanel]]:flex-1 [&>[role=tabpanel]]:overflow-y-auto"
          tabs={[
            {
              value: 'fields',
              label: 'Settings',
              panel: (
                <div className="flex flex-col gap-3 p-4">
                  <p className="text-xs text-muted">{info.description}</p>
                  <Field label="Name">
                    {({ id }) => (
                      <TextInput
                        id={id}
                        value={typeof node.data['label'] === 'string' ? node.data['label'] : ''}
                        placeholder={info.title}
                        disabled={isReadOnly}
                        onChange={(event) => updateNodeData(node.id, { label: event.target.value })}
                      />
                    )}
                  </Field>
                  <NodeForm nodeId={node.id} type={info.type} data={node.data} place="inspector" />
                  {info.value !== undefined && <InputMark node={node} info={info} />}
                  <Connections node={node} info={info} />
                </div>
              ),
            },
            { value: 'result', label: 'Result', panel: <ResultTab nodeId={node.id} /> },
          ]}
        />
      )}
    </>
  );
}

function NodeText({ node }: { node: CanvasNode }) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const field = node.type === 'note' ? 'text' : 'label';
  const text = {
    value: typeof node.data[field] === 'string' ? node.data[field] : '',
    disabled: isReadOnly,
    onChange: (event: { target: { value: string } }) => updateNodeData(node.id, { [field]: event.target.value }),
  };
  return (
    <Field label={node.type === 'note' ? 'Note' : 'Name'}>
      {({ id }) =>
        node.type === 'note' ? <TextArea id={id} minRows={6} {...text} /> : <TextInput id={id} {...text} />
      }
    </Field>
  );
}

function ResultTab({ nodeId }: { nodeId: string }) {
  const { run } = useNodeResult(nodeId);
  const inputs = useKnownInputs(nodeId);
  if (run === undefined) {
    return (
      <EmptyState icon={<Icon name="box" size={20} />} title="Not run yet">
        Inputs, outputs, timing and errors of the last run appear here.
      </EmptyState>
    );
  }
  return <ExecutionDetails execution={run.execution} knownInputs={inputs} />;
}
