import { Upload, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { assetIdOf } from '../../../core/api/assets.ts';
import { acceptedTypes } from '../../../core/data-types/files.ts';
import { rowOf, type FileType } from '../../../core/data-types/table.ts';
import { takeFiles } from '../../ui/dropped-files.ts';
import { uploadFile } from '../../api/upload-file.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { TextInput } from '../../ui/Field.tsx';
import { useAsset } from '../../ui/use-asset.ts';
import { messageOf } from '../../ui/message-of.ts';

interface FilesInputProps {
  type: FileType | undefined;
  /** Their addresses, in order. */
  value: unknown;
  onChange(value: unknown): void;
  onBusy(isBusy: boolean): void;
}

/** Many files of one type for one run: chosen or dropped together, or given by their addresses. */
export function FilesInput({ type = 'file', value, onChange, onBusy }: FilesInputProps) {
  const urls = Array.isArray(value) ? value.map(String) : [];
  const [state, setState] = useState<{ left: number; error: string | null }>({ left: 0, error: null });
  const [draft, setDraft] = useState('');
  const chooser = useRef<HTMLInputElement>(null);
  const controller = useRef<AbortController | null>(null);
  const latest = useRef(urls);
  useEffect(() => void (latest.current = urls));
  useEffect(() => () => controller.current?.abort(), []);
  const { plural, noun } = rowOf(type);
  const change = (next: readonly string[]) => onChange(next.length === 0 ? undefined : next);
  const send = async (files: readonly File[]) => {
    const own = new AbortController();
    controller.current?.abort();
    controller.current = own;
    onBusy(true);
    try {
      // One after the other, so that they stand in the order in which they were given.
      for (const [index, file] of files.entries()) {
        setState({ left: files.length - index, error: null });
        const asset = await uploadFile(file, { signal: own.signal, onProgress: () => undefined });
        if (own.signal.aborted) return;
        change([...latest.current, asset.url]);
      }
      setState({ left: 0, error: null });
    } catch (error) {
      if (!own.signal.aborted) setState({ left: 0, error: messageOf(error) });
    } finally {
      if (!own.signal.aborted) onBusy(false);
    }
  };
  const give = () => {
    const added = draft.split(/\s+/).filter((word) => word !== '');
    setDraft('');
    if (added.length > 0) change([...urls, ...added]);
  };
  return (
    <div
      className="flex flex-col gap-2"
      onDragOver={(event) => event.dataTransfer.types.includes('Files') && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void takeFiles(event.dataTransfer, (files) => void send(files));
      }}
    >
      <ol aria-label={`Chosen ${plural}`} className="flex max-h-48 flex-col gap-1 overflow-y-auto">
        {urls.map((url, index) => (
          <li key={`${index} ${url}`} className="flex h-7 items-center gap-2 rounded bg-field pr-1 pl-2 text-xs">
            <FileName url={url} fallback={`${rowOf(type).title} ${index + 1}`} />
            <IconButton
              label={`Remove ${noun} ${index + 1}`}
              size="sm"
              onClick={() => change(urls.filter((_url, at) => at !== index))}
            >
              <X size={12} />
            </IconButton>
          </li>
        ))}
      </ol>
      {state.error !== null && <p className="text-xs text-danger">{state.error}</p>}
      <div className="flex gap-2">
        <Button size="sm" onClick={() => chooser.current?.click()}>
          <Upload size={12} aria-hidden /> {state.left > 0 ? `Uploading, ${state.left} left` : `Add ${plural}`}
        </Button>
        <TextInput
          aria-label="Add URLs"
          placeholder="or paste URLs"
          value={draft}
          className="h-7 min-w-0 flex-1 text-xs"
          onChange={(event) => setDraft(event.target.value)}
          onBlur={give}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            // It takes the addresses; it does not run the workflow yet.
            event.preventDefault();
            give();
          }}
        />
      </div>
      <input
        ref={chooser}
        type="file"
        multiple
        accept={acceptedTypes(type).join()}
        aria-label={`Upload ${plural}`}
        className="hidden"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) void send(files);
        }}
      />
    </div>
  );
}

function FileName({ url, fallback }: { url: string; fallback: string }) {
  const asset = useAsset(url);
  const name = asset?.name ?? (assetIdOf(url) === null ? url : fallback);
  return (
    <span className="min-w-0 flex-1 truncate" title={name}>
      {name}
    </span>
  );
}
