import { useInfiniteQuery } from '@tanstack/react-query';
import { FilePlus2, FolderOpen, LayoutTemplate, Search, Upload } from 'lucide-react';
import { useDeferredValue, useRef, useState, type DragEvent } from 'react';
import { Link, useNavigate } from 'react-router';
import { allows } from '../../core/scope.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { createId } from '../graph/create-id.ts';
import { parseImport } from '../graph/import.ts';
import { OptionalPart } from '../shell/PartBoundary.tsx';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button, buttonClass } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Select } from '../ui/Select.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import { lookingWords } from '../workspaces/looking-words.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { unnamed } from './unnamed.ts';
import { useDeletions } from './use-deletions.ts';
import { WorkflowCard } from './WorkflowCard.tsx';

const importer = lazyPart(() => import('./ImportDialog.tsx'), 'ImportDialog');

/** Archives are opened by the server. */
const isArchive = (file: File) => /\.zip$/i.test(file.name) || /^application\/(?:x-)?zip/.test(file.type);

const sorts = [
  { value: 'updatedAt', label: 'Last modified' },
  { value: 'name', label: 'Name' },
];

/** Every workflow, as cards. */
export function WorkflowsPage() {
  const { api, queries, notify } = useApp();
  const navigate = useNavigate();
  const chooser = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState('updatedAt');
  const [isOver, setIsOver] = useState(false);
  const [archives, setArchives] = useState<readonly { readonly id: string; readonly file: File }[]>([]);
  const archive = archives[0];
  const endWith = (id: string) => setArchives((waiting) => waiting.filter((one) => one.id !== id));
  const words = useDeferredValue(search.trim());
  const list = useInfiniteQuery({
    queryKey: [...queryKeys.workflows, words, sort],
    queryFn: ({ pageParam }) =>
      api.listWorkflows({ search: words, sort, limit: 24, ...(pageParam !== null && { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const role = useRoleHere();
  const mayEdit = allows(role, 'editor');
  const { hidden, remove } = useDeletions();
  const items = (list.data?.pages.flatMap((page) => page.items) ?? []).filter(({ id }) => !hidden.has(id));

  const open = (id: number) => void navigate(`/workflows/${id}`);
  const create = () => {
    api.createWorkflow(unnamed, { nodes: [], edges: [] }).then(
      ({ id }) => open(id),
      (error: Error) => notify({ title: 'Not created', description: error.message, kind: 'error' }),
    );
  };
  const tellImported = ({ id, name }: { id: number; name: string }, description?: string) => {
    notify({
      title: `Imported “${name}”`,
      kind: 'success',
      ...(description !== undefined && { description }),
      action: { label: 'Open', onSelect: () => open(id) },
    });
  };
  const importFiles = async (files: readonly File[]) => {
    const further = files.filter(isArchive).map((file) => ({ id: createId(), file }));
    setArchives((waiting) => [...waiting, ...further]);
    for (const file of files.filter((one) => !isArchive(one))) {
      try {
        const { name, graph } = parseImport(await file.text());
        tellImported(await api.createWorkflow(name ?? file.name.replace(/\.json$/i, ''), graph));
      } catch (error) {
        notify({ title: `${file.name} was not imported`, description: (error as Error).message, kind: 'error' });
      }
    }
    await queries.invalidateQueries({ queryKey: queryKeys.workflows });
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (!mayEdit) return;
    void importFiles([...event.dataTransfer.files]);
  };

  return (
    <PageFrame title="Workflows">
      <div
        onDragOver={(event) => {
          if (!mayEdit || !event.dataTransfer.types.includes('Files')) return;
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={onDrop}
        className={isOver ? 'rounded-xl outline-2 outline-offset-8 outline-accent-text outline-dashed' : ''}
      >
        <div className="mb-5 flex flex-wrap items-center gap-2">
          <h1 className="mr-auto text-lg font-semibold">Workflows</h1>
          <div className="relative max-sm:order-1 max-sm:basis-full">
            <Search size={14} aria-hidden className="pointer-events-none absolute top-2 left-2.5 text-faint" />
            <input
              type="search"
              aria-label="Search workflows"
              placeholder="Search names and contents"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
              className="h-8 w-64 rounded-md border border-line bg-surface pr-2 pl-8 max-sm:w-full"
            />
          </div>
          <Select
            label="Sort by"
            value={sort}
            groups={[{ options: sorts }]}
            width="w-36"
            className="bg-surface max-sm:order-1"
            onChange={setSort}
          />
          {mayEdit && (
            <Button onClick={() => chooser.current?.click()}>
              <Upload size={14} aria-hidden /> Import
            </Button>
          )}
          <input
            ref={chooser}
            type="file"
            accept="application/json,.json,application/zip,.zip"
            multiple
            aria-label="Workflow files"
            className="hidden"
            onChange={(event) => {
              void importFiles([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
          {mayEdit && (
            <Button variant="primary" onClick={create}>
              <FilePlus2 size={14} aria-hidden /> New workflow
            </Button>
          )}
        </div>
        {archive !== undefined && (
          <OptionalPart name="Importing an archive">
            <importer.Component
              key={archive.id}
              file={archive.file}
              onImported={(workflow, description) => {
                tellImported(workflow, description);
                endWith(archive.id);
                void queries.invalidateQueries({ queryKey: queryKeys.workflows });
              }}
              onClose={() => endWith(archive.id)}
            />
          </OptionalPart>
        )}
        {!mayEdit && <p className="mb-5 text-xs text-muted">{lookingWords(role)}</p>}
        {list.isPending && (
          <div
            className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-4"
            aria-busy="true"
            aria-label="Loading workflows"
          >
            {[0, 1, 2, 3, 4, 5].map((card) => (
              <div key={card} className="skeleton h-52 rounded-xl" />
            ))}
          </div>
        )}
        {list.error !== null && (
          <EmptyState
            icon={<FolderOpen size={20} aria-hidden />}
            title="Workflows could not be loaded"
            actions={<Button onClick={() => void list.refetch()}>Try again</Button>}
          >
            {list.error.message}
          </EmptyState>
        )}
        {list.isSuccess && items.length === 0 && (
          <EmptyState
            icon={<FolderOpen size={20} aria-hidden />}
            title={words === '' ? 'No workflows yet' : `No workflow matches “${words}”`}
            actions={
              words === '' &&
              mayEdit && (
                <>
                  <Button variant="primary" onClick={create}>
                    <FilePlus2 size={14} aria-hidden /> New workflow
                  </Button>
                  <Link to="/templates" className={buttonClass()}>
                    <LayoutTemplate size={14} aria-hidden /> Start from a template
                  </Link>
                </>
              )
            }
          >
            {words === '' && !mayEdit
              ? 'Nobody has made one here yet.'
              : words === ''
                ? 'Build one from scratch, start from a template, or drop an exported file here.'
                : 'Try a different search.'}
          </EmptyState>
        )}
        <ul aria-label="Workflows" className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-4">
          {items.map((workflow) => (
            <WorkflowCard key={workflow.id} workflow={workflow} mayEdit={mayEdit} onDelete={() => remove(workflow)} />
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="mt-6 text-center">
            <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </div>
    </PageFrame>
  );
}
