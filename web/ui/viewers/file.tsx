import { Download, FileText } from 'lucide-react';
import { formatOf } from '../../../core/data-types/files.ts';
import { addressOf } from '../app-address.ts';
import { buttonClass } from '../Button.tsx';
import { formatBytes } from '../format.ts';
import { useAsset } from '../use-asset.ts';
import type { Viewer } from './viewer.ts';

/** A document by its name, kind and size; it is saved to be read. */
function Document({ url, label }: { url: string; label: string }) {
  const asset = useAsset(url);
  const format = asset === undefined ? null : formatOf(asset.mimeType);
  return (
    <div className="flex h-full min-h-20 items-center gap-3 p-3">
      <FileText size={28} className="shrink-0 text-(--type-file)" aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium">{asset?.name ?? label}</span>
        {asset !== undefined && (
          <span className="block truncate text-xs text-muted">
            {format?.name ?? asset.mimeType} · {formatBytes(asset.bytes)}
          </span>
        )}
      </span>
      {asset !== undefined && (
        <a
          href={addressOf(`${asset.url}?download=1`)}
          download
          aria-label={`Download ${asset.name}`}
          className={`nodrag ${buttonClass('secondary', 'sm')}`}
        >
          <Download size={14} aria-hidden />
        </a>
      )}
    </div>
  );
}

/** Shows name, type and size, with a download link; nothing to enlarge. */
export const fileViewer: Viewer = {
  InField: ({ url, label }) => <Document url={url} label={label} />,
  Value: ({ asset, title }) => <Document url={addressOf(asset.url)} label={title} />,
  Enlarged: null,
};
