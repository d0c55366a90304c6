import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { NewFilesTrigger } from '../../core/api/triggers.ts';
import { fileInputsOf } from '../batches/rows-of-files.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { Select } from '../ui/Select.tsx';
import { FireList } from './FireList.tsx';
import type { TriggerParts } from './trigger-parts.ts';
import { TriggerRow } from './TriggerRow.tsx';
import { triggersKey } from './use-triggers.ts';

interface NewFilesProps extends TriggerParts {
  items: readonly NewFilesTrigger[];
  workspaceId: string | undefined;
}

/** Folders whose new files start the workflow. Nothing is shown where the operator lets none be watched. */
export function NewFiles({ items, workspaceId, ...parts }: NewFilesProps) {
  const folders = useQuery({
    queryKey: [...triggersKey(parts.workflowId), 'folders'],
    queryFn: () => parts.tools.api.folders(workspaceId),
    staleTime: 60_000,
    retry: false,
  });
  if (items.length === 0 && (folders.data ?? []).length === 0) return null;
  return (
    <Section title="New files" description="A run starts for each new file in a folder or a bucket.">
      {items.length === 0 && <p className="mb-3 text-muted">No folders are watched yet.</p>}
      <ul aria-label="Watched folders" className="flex flex-col gap-4">
        {items.map((trigger) => (
          <TriggerRow
            key={trigger.id}
            trigger={trigger}
            name={trigger.folder}
            tools={parts.tools}
            canChange={parts.canChange}
            head={
              <>
                <p className="font-medium break-words">New files in {trigger.folder}</p>
                <p className="text-xs break-words text-faint">
                  {Object.entries(trigger.mapping)
                    .map(([input, expression]) => `${input}: ${expression}`)
                    .join(', ')}
                </p>
              </>
            }
            removal={{
              title: `Stop watching ${trigger.folder}?`,
              description: 'The runs it started and the files stay.',
              confirmLabel: 'Delete',
            }}
          >
            <h3 className="mt-3 mb-1 text-xs font-medium text-muted">Last ten</h3>
            <FireList
              workflowId={parts.workflowId}
              triggerId={trigger.id}
              tools={parts.tools}
              empty="No new files yet."
            />
          </TriggerRow>
        ))}
      </ul>
      {parts.canChange && folders.data !== undefined && <NewFolder folders={folders.data} {...parts} />}
    </Section>
  );
}

function NewFolder({ folders, workflowId, tools, inputs }: TriggerParts & { folders: readonly string[] }) {
  const fileInputs = fileInputsOf(inputs);
  const [folder, setFolder] = useState('');
  const [input, setInput] = useState(fileInputs[0] ?? '');
  if (fileInputs.length === 0) {
    return (
      <p className="mt-3 text-muted">
        No input of this workflow takes a file. Mark a node that holds a file as an input.
      </p>
    );
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const body = { kind: 'file' as const, folder, mapping: { [input]: 'file.asset' } };
    const creating = tools.api.create(workflowId, body).then(() => setFolder(''));
    void tools.attempt(creating, 'The folder could not be watched');
  };
  return (
    <form onSubmit={onSubmit} aria-label="Watch a folder" className="mt-3 flex max-w-100 flex-col gap-3">
      <Select
        label="Folder to watch"
        value={folder}
        placeholder="Choose a folder"
        groups={[{ options: folders.map((name) => ({ value: name, label: name })) }]}
        onChange={setFolder}
      />
      {fileInputs.length > 1 && (
        <Select
          label="Input that takes the file"
          value={input}
          groups={[{ options: fileInputs.map((name) => ({ value: name, label: name })) }]}
          onChange={setInput}
        />
      )}
      <div>
        <Button type="submit" disabled={folder === ''}>
          <Plus size={14} aria-hidden /> Watch folder
        </Button>
      </div>
    </form>
  );
}
