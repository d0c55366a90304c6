import { useInfiniteQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { fileTypeOf, formatOf } from '../../core/data-types/files.ts';
import { rowOf, traitsOf } from '../../core/data-types/table.ts';
import { allows } from '../../core/scope.ts';
import type { ListedAsset } from '../../core/api/assets.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { addressOf } from '../ui/app-address.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { countOf, formatBytes } from '../ui/format.ts';
import { Icon } from '../ui/Icon.tsx';
import { Select } from '../ui/Select.tsx';
import { Time } from '../ui/Time.tsx';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { Section } from './Section.tsx';

type Sort = 'bytes' | 'createdAt';

const orders = [
  { value: 'bytes', label: 'Largest first' },
  { value: 'createdAt', label: 'Newest first' },
];

/** The account's files: what they take, what uses them, and the way to be rid of them. */
export function Files() {
  const { api, queries, notify } = useApp();
  const mayDelete = allows(useRoleHere(), 'editor');
  const [sort, setSort] = useState<Sort>('bytes');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly ListedAsset[]>([]);
  const [isDeleting, setIsDeleting] = useState(false);
  const list = useInfiniteQuery({
    queryKey: [...queryKeys.files, sort],
    queryFn: ({ pageParam }) =>
      api.listFiles({ sort, uses: 1, limit: 25, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const files = list.data?.pages.flatMap((page) => page.items) ?? [];
  const selected = files.filter(({ id }) => chosen.has(id));

  function choose(id: string, isChosen: boolean): void {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  }

  /** One after the other: those before a failure are gone, and the list shows what is left. */
  async function remove(wanted: readonly ListedAsset[]): Promise<void> {
    setIsDeleting(true);
    let removed = 0;
    try {
      for (const { id } of wanted) {
        await api.deleteFile(id).catch((error: unknown) => {
          // Somebody else was faster.
          if (!(error instanceof ApiError) || error.code !== 'ASSET_NOT_FOUND') throw error;
        });
        removed += 1;
      }
      notify({ title: `${countOf(removed, 'file')} deleted`, kind: 'success' });
    } catch (error) {
      const description = error instanceof Error ? error.message : 'The reason is unknown.';
      const title = removed === 0 ? 'Not deleted' : `${removed} of ${wanted.length} files deleted`;
      notify({ title, description, kind: 'error' });
    } finally {
      setIsDeleting(false);
      setChosen(new Set());
      void queries.invalidateQueries({ queryKey: queryKeys.files });
      void queries.invalidateQueries({ queryKey: queryKeys.usage });
    }
  }

  return (
    <Section title="Files" description="Everything you uploaded and your nodes created.">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <Select
          label="Sort files"
          value={sort}
          groups={[{ options: orders }]}
          width="w-40"
          onChange={(value) => setSort(value as Sort)}
        />
        {mayDelete && (
          <Button variant="danger" disabled={selected.length === 0 || isDeleting} onClick={() => setAsked(selected)}>
            {selected.length === 0 ? 'Delete selected' : `Delete ${countOf(selected.length, 'file')}`}
          </Button>
        )}
      </div>
      <ul aria-label="Files" className="flex flex-col">
        {files.map((file) => (
          <li key={file.id} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
            {mayDelete && (
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-accent"
                aria-label={`Select ${file.name}`}
                checked={chosen.has(file.id)}
                onChange={(event) => choose(file.id, event.target.checked)}
              />
            )}
            <Preview file={file} />
            <span className="min-w-0 flex-1">
              <a href={addressOf(`${file.url}?download=1`)} className="block truncate font-medium hover:underline">
                {file.name}
              </a>
              <span className="block truncate text-xs text-faint">
                {kindInWords(file)} · {formatBytes(file.bytes)} · <Time at={file.createdAt} />
                {file.uploadedBy !== null && ` · by ${file.uploadedBy}`}
              </span>
              {file.usedBy !== undefined && file.usedBy.length > 0 && (
                <span className="block truncate text-xs text-muted">Used by {namesOf(file.usedBy)}</span>
              )}
            </span>
            {mayDelete && (
              <IconButton label={`Delete ${file.name}`} disabled={isDeleting} onClick={() => setAsked([file])}>
                <Trash2 size={15} />
              </IconButton>
            )}
          </li>
        ))}
        {list.isPending && <li className="skeleton h-12" />}
        {list.error !== null && <li className="text-danger">{list.error.message}</li>}
        {list.data !== undefined && files.length === 0 && <li className="text-muted">No files yet.</li>}
      </ul>
      {list.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={asked.length > 0}
        title={asked.length === 1 ? `Delete ${asked[0]!.name}?` : `Delete ${asked.length} files?`}
        description={warningOf(asked)}
        confirmLabel="Delete"
        onClose={() => setAsked([])}
        onConfirm={() => void remove(asked)}
      />
    </Section>
  );
}

/** "MP3 sound", "PDF document". */
function kindInWords({ mimeType }: ListedAsset): string {
  const type = fileTypeOf(mimeType);
  const format = formatOf(mimeType)?.name;
  return type === null ? mimeType : format === undefined ? rowOf(type).noun : `${format} ${rowOf(type).noun}`;
}

function Preview({ file }: { file: ListedAsset }) {
  const [isBroken, setIsBroken] = useState(false);
  const type = fileTypeOf(file.mimeType);
  return (
    <span className="grid size-10 shrink-0 place-items-center overflow-hidden rounded-md border border-line bg-pressed">
      {isBroken || type === null || !traitsOf(type).hasPreview ? (
        <span className="text-faint">
          <Icon name={type === null ? 'file' : rowOf(type).icon} />
        </span>
      ) : (
        <img
          src={addressOf(`/api/assets/${file.id}/thumbnail?width=160`)}
          alt=""
          loading="lazy"
          className="size-full object-cover"
          onError={() => setIsBroken(true)}
        />
      )}
    </span>
  );
}

type Uses = NonNullable<ListedAsset['usedBy']>;

/** Few enough to read. */
const shownNames = 3;

function namesOf(uses: Uses): string {
  const shown = uses.slice(0, shownNames).map(({ name }) => name);
  const more = uses.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function warningOf(files: readonly ListedAsset[]): string {
  const uses = new Map(files.flatMap(({ usedBy = [] }) => usedBy).map((use) => [use.id, use]));
  const gone = 'This cannot be undone. It will be missing from finished runs.';
  return uses.size === 0
    ? gone
    : `Used by ${namesOf([...uses.values()])}: ${uses.size === 1 ? 'it' : 'they'} will not run until you choose another file. ${gone}`;
}
