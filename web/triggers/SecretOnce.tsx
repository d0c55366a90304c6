import { CopyOnceDialog } from '../ui/CopyOnceDialog.tsx';

/** A secret that is shown this once; null: closed. */
export function SecretOnce({ secret, onClose }: { secret: string | null; onClose(): void }) {
  return <CopyOnceDialog title="The secret" text={secret} copyLabel="Copy secret" width={520} onClose={onClose} />;
}
