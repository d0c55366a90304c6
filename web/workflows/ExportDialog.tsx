import { useState } from 'react';
import { addressOf } from '../ui/app-address.ts';
import { Button, buttonClass } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Switch } from '../ui/Switch.tsx';

interface ExportDialogProps {
  workflow: { readonly id: number; readonly name: string };
  onClose(): void;
}

/** Saves a workflow with its published versions, its files, or both. */
export function ExportDialog({ workflow, onClose }: ExportDialogProps) {
  const [hasVersions, setHasVersions] = useState(true);
  const [hasMedia, setHasMedia] = useState(true);
  const query = `versions=${hasVersions ? 1 : 0}&media=${hasMedia ? 1 : 0}`;
  const parts = [
    { label: 'Published versions', hint: 'With their notes and dates.', checked: hasVersions, set: setHasVersions },
    { label: 'Files', hint: 'Images, videos and others that the workflow uses.', checked: hasMedia, set: setHasMedia },
  ];
  return (
    <Dialog
      open
      title={`Export “${workflow.name}”`}
      description="One archive that can be imported here or into another Heddle. Secrets, provider keys and runs are never in it."
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {/* The browser saves it as it comes: nothing of it is kept in the page. */}
          <a
            className={buttonClass('primary')}
            href={addressOf(`/api/workflows/${workflow.id}/export?${query}`)}
            download
            onClick={onClose}
          >
            Export
          </a>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {parts.map(({ label, hint, checked, set }) => (
          <div key={label} className="flex items-center justify-between gap-4">
            <p>
              {label}
              <span className="block text-xs text-faint">{hint}</span>
            </p>
            <Switch label={label} checked={checked} onChange={set} />
          </div>
        ))}
      </div>
    </Dialog>
  );
}
