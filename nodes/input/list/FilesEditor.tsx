import { Link2, RotateCcw, Upload, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { assetIdOf, thumbnailUrl } from '../../../core/api/assets.ts';
import { acceptedTypes } from '../../../core/data-types/files.ts';
import { rowOf, traitsOf, type FileType } from '../../../core/data-types/table.ts';
import { takeFiles } from '../../../web/ui/dropped-files.ts';
import { useListUploads } from '../../../web/canvas/files/use-list-uploads.ts';
import { useIsReadOnly, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { addressOf } from '../../../web/ui/app-address.ts';
import { Button, IconButton } from '../../../web/ui/Button.tsx';
import { cn } from '../../../web/ui/cn.ts';
import { TextInput } from '../../../web/ui/Field.tsx';
import { countOf } from '../../../web/ui/format.ts';
import { Icon } from '../../../web/ui/Icon.tsx';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { useAsset } from '../../../web/ui/use-asset.ts';

/** So many files are drawn at first: the browser need not make thousands of boxes that nobody looks at. */
const firstShown = 60;

/** See `listEditor`. */
export function FilesEditor({ nodeId, place }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  const type = data['type'] as FileType;
  const { noun, plural, icon } = rowOf(type);
  const held: unknown = data['items'];
  const items = Array.isArray(held) ? held.map(String) : [];
  const { onTheirWay, begin, cancel, retry } = useListUploads({ nodeId, field: 'items' }, type);
  const [isOver, setIsOver] = useState(false);
  const [shown, setShown] = useState(firstShown);
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <div
      className={cn('flex flex-col gap-2 rounded-md', isOver && 'outline-2 outline-accent-text')}
      onDragOver={(event) => {
        if (isReadOnly || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        event.stopPropagation();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        if (isReadOnly || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        event.stopPropagation();
        void takeFiles(event.dataTransfer, begin);
      }}
    >
      <div className="flex h-6 items-center gap-2">
        <span className="min-w-0 flex-1 truncate text-xs text-muted">{countOf(items.length, noun, plural)}</span>
        {items.length > 0 && !isReadOnly && (
          <Button size="sm" className="nodrag" onClick={() => chooser.current?.click()}>
            <Upload size={12} aria-hidden /> Add files
          </Button>
        )}
      </div>
      {items.length === 0 && onTheirWay.length === 0 ? (
        <button
          type="button"
          disabled={isReadOnly}
          onClick={() => chooser.current?.click()}
          className="nodrag flex h-40 flex-col items-center justify-center gap-1.5 rounded-md border border-dashed border-line-strong bg-field text-muted hover:bg-hover hover:text-ink disabled:opacity-60"
        >
          <Icon name={icon} size={20} />
          <span className="text-xs font-medium">Drop {plural} or browse</span>
        </button>
      ) : (
        <ol
          aria-label={`${rowOf(type).title} list`}
          tabIndex={0}
          className={cn(
            'nowheel grid auto-rows-max content-start gap-1 overflow-y-auto rounded-md bg-field p-1',
            traitsOf(type).hasPreview ? 'grid-cols-4' : 'grid-cols-1',
            place === 'node' ? 'h-40' : 'max-h-96',
          )}
        >
          {items.slice(0, shown).map((url, index) => (
            <Item
              key={`${index} ${url}`}
              url={url}
              type={type}
              name={`${rowOf(type).title} ${index + 1}`}
              onRemove={isReadOnly ? null : () => update({ items: items.filter((_url, at) => at !== index) })}
            />
          ))}
          {items.length > shown && (
            <li className="col-span-full">
              <Button size="sm" variant="ghost" className="nodrag" onClick={() => setShown(Infinity)}>
                Show all {items.length.toLocaleString()}
              </Button>
            </li>
          )}
          {onTheirWay.map(({ item, upload }) => (
            <li key={item} className="col-span-full flex h-6 items-center gap-2 px-1 text-2xs text-muted">
              <span className="min-w-0 flex-1 truncate" title={upload.error ?? upload.name}>
                {upload.error ?? upload.name}
              </span>
              {upload.error === null ? (
                <span>{Math.round(upload.fraction * 100)} %</span>
              ) : (
                <IconButton label={`Try ${upload.name} again`} size="sm" className="nodrag" onClick={() => retry(item)}>
                  <RotateCcw size={12} />
                </IconButton>
              )}
              <IconButton
                label={upload.error === null ? `Cancel upload of ${upload.name}` : `Dismiss ${upload.name}`}
                size="sm"
                className="nodrag"
                onClick={() => cancel(item)}
              >
                <X size={12} />
              </IconButton>
            </li>
          ))}
        </ol>
      )}
      <input
        ref={chooser}
        type="file"
        accept={acceptedTypes(type).join()}
        multiple
        aria-label={`Upload ${plural}`}
        className="hidden"
        onChange={(event) => {
          begin([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      {!isReadOnly && <AddressField onGive={(urls) => update({ items: [...items, ...urls] })} />}
    </div>
  );
}

interface ItemProps {
  url: string;
  type: FileType;
  name: string;
  /** Null where nothing can be changed. */
  onRemove: (() => void) | null;
}

function Item({ url, type, name, onRemove }: ItemProps) {
  const assetId = assetIdOf(url);
  const isSeen = assetId !== null && traitsOf(type).hasPreview;
  return (
    <li
      className={cn('group/item relative min-w-0 overflow-hidden rounded', isSeen ? 'aspect-square' : 'col-span-full')}
    >
      {isSeen ? (
        <img
          src={addressOf(thumbnailUrl(assetId, 320))}
          alt={name}
          loading="lazy"
          draggable={false}
          className="size-full object-cover"
        />
      ) : (
        <NamedItem url={url} type={type} name={name} />
      )}
      {onRemove !== null && (
        <span className="on-approach absolute top-0.5 right-0.5 rounded bg-surface/85 opacity-0 group-focus-within/item:opacity-100 group-hover/item:opacity-100">
          <IconButton label={`Remove ${name}`} size="sm" className="nodrag" onClick={onRemove}>
            <X size={12} />
          </IconButton>
        </span>
      )}
    </li>
  );
}

/** What has no picture: an uploaded file by its name, an address elsewhere as it is. */
function NamedItem({ url, type, name }: Pick<ItemProps, 'url' | 'type' | 'name'>) {
  const asset = useAsset(url);
  return (
    <span className="flex h-7 items-center gap-1.5 rounded bg-surface px-1.5 text-2xs" title={asset?.name ?? url}>
      {assetIdOf(url) === null ? <Link2 size={12} aria-hidden /> : <Icon name={rowOf(type).icon} size={12} />}
      <span className="min-w-0 flex-1 truncate">{asset?.name ?? (assetIdOf(url) === null ? url : name)}</span>
    </span>
  );
}

/** Addresses, one or many with spaces or line breaks between. */
function AddressField({ onGive }: { onGive(urls: readonly string[]): void }) {
  const [draft, setDraft] = useState('');
  const give = (text: string) => {
    const urls = text.split(/\s+/).filter((word) => word !== '');
    setDraft('');
    if (urls.length > 0) onGive(urls);
  };
  return (
    <TextInput
      aria-label="Add URLs"
      placeholder="or paste URLs"
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onPaste={(event) => {
        const text = event.clipboardData.getData('text/plain');
        if (draft !== '' || !/^\s*(?:https?:|data:)/i.test(text)) return;
        event.preventDefault();
        give(text);
      }}
      onKeyDown={(event) => event.key === 'Enter' && give(draft)}
      onBlur={() => give(draft)}
      className="h-7 text-xs"
    />
  );
}
