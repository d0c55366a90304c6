import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Dialog } from '../ui/Dialog.tsx';

/** A secret that is shown this once; null: closed. */
export function SecretOnce({ secret, onClose }: { secret: string | null; onClose(): void }) {
  return (
    <Dialog
      open={secret !== null}
      title="The secret"
      description="Copy it now. You will not see it again."
      width={520}
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
        <code className="flex-1 text-xs break-all select-all">{secret}</code>
        <CopyButton text={secret ?? ''} label="Copy secret" />
      </div>
    </Dialog>
  );
}
