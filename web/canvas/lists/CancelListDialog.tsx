import { ConfirmDialog } from '../../ui/Dialog.tsx';

/** Asks before a list is canceled. */
export function CancelListDialog({
  name,
  onConfirm,
  onClose,
}: {
  /** Of the node that goes through it. */
  name: string;
  onConfirm(): void;
  onClose(): void;
}) {
  return (
    <ConfirmDialog
      open
      title={`Cancel the list of “${name}”?`}
      description="Elements that are not done are canceled, and the node fails. What is done is kept, and a retry takes it over. The rest of the run goes on."
      confirmLabel="Cancel the list"
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}
