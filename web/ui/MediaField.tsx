import { Link2, RefreshCw, RotateCcw, Trash2, Upload, X } from 'lucide-react';
import { useId, useRef, useState, type Ref } from 'react';
import { Button, IconButton } from './Button.tsx';
import { cn } from './cn.ts';
import { draggedResultKey } from './dragged-result-key.ts';
import { TextInput } from './Field.tsx';
import { takeFiles } from './dropped-files.ts';
import { acceptedTypes } from '../../core/data-types/files.ts';
import { rowOf, type FileType } from '../../core/data-types/table.ts';
import { Icon } from './Icon.tsx';
import { viewerOf } from './viewers/viewers.tsx';
import type { UploadState } from './node-editor.ts';

interface MediaFieldProps {
  type: FileType;
  /** What is shown now; null for nothing. */
  url: string | null;
  fileName: string | null;
  upload: UploadState | null;
  isReadOnly: boolean;
  /** Dropped or chosen; there may be many, and of any kind. */
  onFiles(files: readonly File[]): void;
  onUrl(url: string): void;
  /** Results of a run were dropped; false where none of them fits. */
  onResults?(results: string): boolean;
  onClear(): void;
  onCancelUpload(): void;
  /** Sends a file that failed once more. */
  onRetryUpload(): void;
}

/** A file of one type: dropped, chosen, or given by its address; shown at once. */
export function MediaField(props: MediaFieldProps) {
  const { type, url, fileName, upload, isReadOnly } = props;
  const [isOver, setIsOver] = useState(false);
  return (
    <div
      className={cn('flex min-h-59.5 flex-col gap-2 rounded-md', isOver && 'outline-2 outline-accent-text')}
      onDragOver={(event) => {
        const { types } = event.dataTransfer;
        if (isReadOnly || !(types.includes('Files') || types.includes(draggedResultKey))) return;
        event.preventDefault();
        event.stopPropagation();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        if (isReadOnly) return;
        const data = event.dataTransfer;
        const isOfFiles = data.types.includes('Files');
        if (!isOfFiles && props.onResults?.(data.getData(draggedResultKey)) !== true) return;
        event.preventDefault();
        event.stopPropagation();
        if (isOfFiles) void takeFiles(data, props.onFiles);
      }}
    >
      {upload !== null ? (
        <UploadProgress upload={upload} onCancel={props.onCancelUpload} onRetry={props.onRetryUpload} />
      ) : url !== null ? (
        <MediaShown
          key={url}
          type={type}
          url={url}
          fileName={fileName}
          isReadOnly={isReadOnly}
          onFiles={props.onFiles}
          onClear={props.onClear}
        />
      ) : (
        <EmptyMedia {...props} />
      )}
    </div>
  );
}

function UploadProgress({ upload, onCancel, onRetry }: { upload: UploadState; onCancel(): void; onRetry(): void }) {
  const percent = Math.round(upload.fraction * 100);
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line bg-field p-3">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-xs">{upload.name}</span>
        <span className="text-xs text-muted">{upload.error === null ? `${percent} %` : ''}</span>
        <IconButton
          label={upload.error === null ? 'Cancel upload' : 'Dismiss'}
          size="sm"
          className="nodrag"
          onClick={onCancel}
        >
          <X size={13} />
        </IconButton>
      </div>
      {upload.error === null ? (
        <div
          role="progressbar"
          aria-label={`Uploading ${upload.name}`}
          aria-valuenow={percent}
          className="h-1 overflow-hidden rounded-full bg-pressed"
        >
          <div className="h-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
        </div>
      ) : (
        <>
          <p role="alert" className="text-xs text-danger">
            {upload.error}
          </p>
          <Button size="sm" className="nodrag self-start" onClick={onRetry}>
            <RotateCcw size={12} aria-hidden /> Try again
          </Button>
        </>
      )}
    </div>
  );
}

function MediaShown({
  type,
  url,
  fileName,
  isReadOnly,
  onFiles,
  onClear,
}: Pick<MediaFieldProps, 'type' | 'fileName' | 'isReadOnly' | 'onFiles' | 'onClear'> & { url: string }) {
  const chooser = useRef<HTMLInputElement>(null);
  const [isBroken, setIsBroken] = useState(false);
  const { InField } = viewerOf(type);
  const { title, noun } = rowOf(type);
  // Pages may load nothing from other hosts; the server fetches such an address when the workflow runs.
  const isForeign = /^https?:/.test(url) && !url.startsWith(location.origin);
  return (
    <div className="group/shown relative overflow-hidden rounded-md border border-line bg-field">
      {isBroken || isForeign ? (
        <p className="flex items-center gap-2 p-3 text-xs break-all text-muted">
          <Link2 size={14} className="shrink-0" aria-hidden />
          <span>
            {url.slice(0, 160)}
            <span className="block text-faint">
              {isForeign ? 'The server fetches it when the workflow runs.' : 'This file cannot be displayed.'}
            </span>
          </span>
        </p>
      ) : (
        <div className="h-52">
          <InField url={url} label={fileName ?? title} onBroken={() => setIsBroken(true)} />
        </div>
      )}
      <div className="flex h-7 items-center gap-1 border-t border-line pr-1 pl-2">
        <span className="min-w-0 flex-1 truncate text-2xs text-faint">
          {fileName ?? (isForeign ? 'From URL' : 'Uploaded file')}
        </span>
        {!isReadOnly && (
          <>
            <IconButton label={`Replace ${noun}`} size="sm" className="nodrag" onClick={() => chooser.current?.click()}>
              <RefreshCw size={12} />
            </IconButton>
            <FileChooser ref={chooser} type={type} label={`Choose another ${noun}`} onFiles={onFiles} />
            <IconButton label={`Remove ${noun}`} size="sm" className="nodrag" onClick={onClear}>
              <Trash2 size={12} />
            </IconButton>
          </>
        )}
      </div>
    </div>
  );
}

/** What the browser shows files to choose from with. */
function FileChooser({
  ref,
  type,
  label,
  onFiles,
}: {
  ref: Ref<HTMLInputElement>;
  type: FileType;
  label: string;
  onFiles(files: readonly File[]): void;
}) {
  return (
    <input
      ref={ref}
      type="file"
      accept={acceptedTypes(type).join()}
      multiple
      aria-label={label}
      className="hidden"
      onChange={(event) => {
        const files = [...(event.target.files ?? [])];
        if (files.length > 0) onFiles(files);
        event.target.value = '';
      }}
    />
  );
}

function EmptyMedia({ type, isReadOnly, onFiles, onUrl }: MediaFieldProps) {
  const { icon, title, named, noun } = rowOf(type);
  const chooser = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState('');
  const id = useId();
  const give = () => {
    if (draft.trim() !== '') onUrl(draft.trim());
  };
  return (
    <>
      <button
        type="button"
        disabled={isReadOnly}
        onClick={() => chooser.current?.click()}
        className="nodrag flex h-49.5 flex-col items-center justify-center gap-1.5 rounded-md border border-dashed border-line-strong bg-field text-muted hover:bg-hover hover:text-ink disabled:opacity-60"
      >
        <Icon name={icon} size={20} />
        <span className="text-xs font-medium">Drop {named} or browse</span>
      </button>
      <FileChooser ref={chooser} type={type} label={`Upload ${noun}`} onFiles={onFiles} />
      <div className="flex gap-1">
        <TextInput
          id={id}
          aria-label={`${title} URL`}
          placeholder="or paste a URL"
          value={draft}
          disabled={isReadOnly}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && give()}
          onBlur={give}
          className="h-7 text-xs"
        />
        {draft !== '' && (
          <Button size="sm" className="nodrag" onClick={give}>
            <Upload size={12} aria-hidden /> Use
          </Button>
        )}
      </div>
    </>
  );
}
