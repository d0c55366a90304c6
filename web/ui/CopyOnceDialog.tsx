import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Dialog } from './Dialog.tsx';

interface CopyOnceDialogProps {
  readonly title: string;
  /** Stands before the advice to copy it now. */
  readonly description?: string | undefined;
  /** Null: closed. */
  readonly text: string | null;
  readonly copyLabel: string;
  /** Pixels. */
  readonly width: number;
  onClose(): void;
}

/** Something that is shown this once, to be copied. */
export function CopyOnceDialog({ title, description, text, copyLabel, width, onClose }: CopyOnceDialogProps) {
  return (
    <Dialog
      open={text !== null}
      title={title}
      description={`${description === undefined ? '' : `${description} `}Copy it now. You will not see it again.`}
      width={width}
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex items-center gap-2 rounded-md border border-line bg-field py-1.5 pr-1.5 pl-3">
        <code className="flex-1 text-xs break-all select-all">{text}</code>
        <CopyButton text={text ?? ''} label={copyLabel} />
      </div>
    </Dialog>
  );
}
