import { RotateCcw, X } from 'lucide-react';
import { useStore } from 'zustand';
import { Button, IconButton } from '../../ui/Button.tsx';
import { countOf } from '../../ui/format.ts';
import { useEnvironment } from '../environment.ts';

/** How far all files are that are on their way, and how many failed: stopped, or sent once more, all together. */
export function UploadsHint() {
  const { uploads } = useEnvironment();
  const all = Object.values(useStore(uploads.state));
  const sent = all.filter(({ error }) => error === null);
  const failed = all.length - sent.length;
  const percent = Math.round((100 * sent.reduce((sum, { fraction }) => sum + fraction, 0)) / Math.max(1, sent.length));
  return (
    <div role="group" aria-label="Uploads" className="flex items-center gap-1.5 text-xs whitespace-nowrap text-muted">
      <span role="status">
        {sent.length > 0 && `Uploading ${countOf(sent.length, 'file')}, ${percent} %`}
        {sent.length > 0 && failed > 0 && ' · '}
        {failed > 0 && <span className="text-danger">{failed} failed</span>}
      </span>
      {failed > 0 && (
        <Button size="sm" onClick={uploads.retryAll}>
          <RotateCcw size={12} aria-hidden /> Try again
        </Button>
      )}
      <IconButton label={sent.length > 0 ? 'Cancel all uploads' : 'Dismiss'} size="sm" onClick={uploads.cancelAll}>
        <X size={13} />
      </IconButton>
    </div>
  );
}
