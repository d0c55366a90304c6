import { useQuery } from '@tanstack/react-query';
import { FileUp, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Row } from '../../core/batches/read-rows.ts';
import { useApp } from '../api/context.ts';
import { uploadFile } from '../api/upload-file.ts';
import { Section } from '../settings/Section.tsx';
import { Button } from '../ui/Button.tsx';
import { cn } from '../ui/cn.ts';
import { Field, TextInput } from '../ui/Field.tsx';
import { countOf } from '../ui/format.ts';
import { Select } from '../ui/Select.tsx';
import { estimateWords } from './batch-words.ts';
import { batchesKey, type BatchesApi } from './batches-api.ts';
import { fileInputsOf, isTable, rowsOfTable, rowsOfUploads } from './rows-of-files.ts';
import { messageOf } from '../ui/message-of.ts';

interface Chosen {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly Row[];
}

/** Findings that are shown at once; whoever has corrected these sees the others. */
const shownFindings = 5;

/** Takes a table, JSON lines or many files, says what they would cost, and starts them. */
export function NewBatch({
  workflowId,
  inputs,
  tools,
  onStarted,
}: {
  workflowId: number;
  inputs: Readonly<Record<string, unknown>>;
  tools: BatchesApi;
  onStarted(id: string): void;
}) {
  const { createId, notify, queries } = useApp();
  const picker = useRef<HTMLInputElement>(null);
  const fileInputs = fileInputsOf(inputs);
  const [input, setInput] = useState(fileInputs[0] ?? '');
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [uploading, setUploading] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);
  const [isStarting, setIsStarting] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    stop.current = controller;
    return () => controller.abort();
  }, []);
  const estimate = useQuery({
    queryKey: [...batchesKey(workflowId), 'estimate', chosen?.id],
    queryFn: () => tools.estimate(workflowId, { rows: chosen!.rows.map((row) => ({ ...row })) }),
    enabled: chosen !== null,
    retry: false,
    gcTime: 0,
  });

  const take = async (files: readonly File[]) => {
    const [first] = files;
    if (first === undefined) return;
    setProblem(null);
    setChosen(null);
    try {
      if (isTable(files)) {
        setChosen({ id: createId(), name: first.name, rows: await rowsOfTable(first, inputs) });
      } else if (input === '') {
        setProblem('No input of this workflow takes a file. Drop a table (.csv) or JSON lines (.jsonl).');
      } else {
        const { signal } = stop.current;
        const tell = (count: number) => setUploading(`${count} of ${countOf(files.length, 'file')} sent`);
        tell(0);
        const rows = await rowsOfUploads(files, input, {
          signal,
          onUploaded: tell,
          upload: (file, ending) => uploadFile(file, { signal: ending }),
        });
        setChosen({ id: createId(), name: countOf(files.length, 'file'), rows });
      }
    } catch (error) {
      if (!stop.current.signal.aborted) setProblem(messageOf(error));
    } finally {
      setUploading(null);
    }
  };

  const start = async () => {
    setIsStarting(true);
    try {
      const title = name.trim() === '' ? chosen!.name : name.trim();
      const body = { rows: chosen!.rows.map((row) => ({ ...row })), name: title.slice(0, 200) };
      const batch = await tools.create(workflowId, createId(), body);
      setChosen(null);
      setName('');
      void queries.invalidateQueries({ queryKey: batchesKey(workflowId) });
      onStarted(batch.id);
    } catch (error) {
      const description = messageOf(error);
      notify({ title: 'The batch could not start', description, kind: 'error' });
    } finally {
      setIsStarting(false);
    }
  };

  const findings = estimate.data?.findings ?? [];
  return (
    <Section title="New batch" description="A run for each row of a table or of JSON lines, or for each of many files.">
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          void take([...event.dataTransfer.files]);
        }}
        className={cn(
          'flex flex-col items-center gap-2 rounded-lg border border-dashed border-line-strong px-4 py-6 text-center',
          isOver && 'bg-raised',
        )}
      >
        <FileUp size={20} aria-hidden className="text-muted" />
        <p className="text-muted">Drop a .csv or .jsonl file{fileInputs.length > 0 && ', or many files'} here.</p>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Rows or files"
          onChange={(event) => {
            void take([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
        <Button disabled={uploading !== null} onClick={() => picker.current?.click()}>
          Choose files
        </Button>
        {uploading !== null && (
          <p role="status" className="text-xs text-muted">
            {uploading}
          </p>
        )}
      </div>
      {fileInputs.length > 1 && (
        <div className="mt-3 flex max-w-80 flex-col gap-1">
          <span aria-hidden className="text-xs font-medium text-muted">
            Input for the files
          </span>
          <Select
            label="Input for the files"
            value={input}
            groups={[{ options: fileInputs.map((each) => ({ value: each, label: each })) }]}
            onChange={setInput}
          />
        </div>
      )}
      {problem !== null && (
        <p role="alert" className="mt-3 rounded-md bg-danger-soft px-3 py-2 text-danger">
          {problem}
        </p>
      )}
      {chosen !== null && (
        <div className="mt-4 flex flex-col gap-3">
          <p role="status">
            <span className="font-medium break-words">{chosen.name}</span>{' '}
            <span className="text-muted">
              {estimate.data !== undefined ? estimateWords(estimate.data) : (estimate.error?.message ?? 'Looking …')}
            </span>
          </p>
          {findings.length > 0 && (
            <ul role="alert" className="list-disc rounded-md bg-danger-soft py-2 pr-3 pl-7 text-xs text-danger">
              {findings.slice(0, shownFindings).map(({ message, path }) => (
                <li key={path}>{message}</li>
              ))}
              {findings.length > shownFindings && <li>And more like these.</li>}
            </ul>
          )}
          <div className="max-w-80">
            <Field label="Name" hint="Default: that of the file.">
              {({ id }) => (
                <TextInput id={id} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
              )}
            </Field>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button
              variant="primary"
              disabled={isStarting || estimate.data === undefined || findings.length > 0}
              onClick={() => void start()}
            >
              <Play size={14} aria-hidden fill="currentColor" /> Start {countOf(chosen.rows.length, 'run')}
            </Button>
            <Button onClick={() => setChosen(null)}>Discard</Button>
          </div>
        </div>
      )}
    </Section>
  );
}
