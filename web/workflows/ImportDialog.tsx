import { useState } from 'react';
import type { ImportedWorkflow } from '../../core/api/workflow-archive.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Switch } from '../ui/Switch.tsx';
import { importArchive, importedWords } from './import-archive.ts';

interface ImportDialogProps {
  file: File;
  /** `about`: what came along, in words. */
  onImported(workflow: ImportedWorkflow, about?: string): void;
  onClose(): void;
}

/** Imports a workflow with its versions and files. */
export function ImportDialog({ file, onImported, onClose }: ImportDialogProps) {
  const [isLive, setIsLive] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const start = () => {
    setIsBusy(true);
    setError(null);
    importArchive(file, { isLive })
      .then(
        (workflow) => onImported(workflow, importedWords(workflow)),
        (failure: Error) => setError(failure.message),
      )
      .finally(() => setIsBusy(false));
  };
  return (
    <Dialog
      open
      title={`Import “${file.name}”`}
      description="It becomes a new workflow here, with the versions and files in it. If anything in it cannot be imported, nothing is."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={isBusy} onClick={start}>
            {isBusy ? 'Importing …' : 'Import'}
          </Button>
        </>
      }
    >
      <div className="flex items-center justify-between gap-4">
        <p>
          Make its live version live here
          <span className="block text-xs text-faint">
            Apps and the API can run it then. Otherwise you publish later.
          </span>
        </p>
        <Switch label="Make its live version live here" checked={isLive} disabled={isBusy} onChange={setIsLive} />
      </div>
      {error !== null && (
        <p role="alert" className="mt-3 text-danger">
          {error}
        </p>
      )}
    </Dialog>
  );
}
