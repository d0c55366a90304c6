import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { queryKeys, useApp, useProviders } from '../api/context.ts';
import { PageFrame } from '../shell/PageFrame.tsx';
import { Button } from '../ui/Button.tsx';
import { GraphThumbnail } from '../workflows/GraphThumbnail.tsx';
import { instantiate } from './instantiate.ts';
import { missingKey } from './key-words.ts';
import { templates } from '../../core/templates/list.ts';
import type { Template } from '../../core/templates/template.ts';

/** Ready-made workflows; taking one makes a copy that is the user's own. */
export function TemplatesPage() {
  const { api, notify, queries } = useApp();
  // The empty workflow from which somebody came here.
  const instead = useSearchParams()[0].get('instead');
  const { data: providers } = useProviders();
  const navigate = useNavigate();
  const [busy, setBusy] = useState<string | null>(null);
  const take = (template: Template) => {
    setBusy(template.id);
    instantiate(api, template, instead === null ? null : Number(instead)).then(
      ({ id }) => {
        void queries.invalidateQueries({ queryKey: queryKeys.workflows });
        void navigate(`/workflows/${id}`, { replace: instead !== null });
      },
      (error: Error) => {
        setBusy(null);
        notify({ title: 'The template could not be used', description: error.message, kind: 'error' });
      },
    );
  };
  return (
    <PageFrame title="Templates">
      <h1 className="text-lg font-semibold">Templates</h1>
      <p className="mb-5 text-muted">
        Each one runs as is, with sample media. Some need a language model. Pick one and make it your own.
      </p>
      <ul aria-label="Templates" className="grid grid-cols-[repeat(auto-fill,minmax(290px,1fr))] gap-4">
        {templates.map((template) => (
          <li
            key={template.id}
            data-template={template.id}
            className="flex flex-col overflow-hidden rounded-xl border border-line bg-surface"
          >
            <div className="h-46 border-b border-line bg-canvas p-3">
              <GraphThumbnail graph={template.graph} />
            </div>
            <div className="flex flex-1 flex-col gap-2 p-4">
              <h2 className="font-semibold">{template.title}</h2>
              <p className="flex-1 text-xs text-muted">{template.description}</p>
              <div className="flex items-center justify-between gap-2 pt-1">
                <MissingKey words={missingKey(template, providers)} />
                <Button disabled={busy !== null} aria-label={`Use ${template.title}`} onClick={() => take(template)}>
                  <Plus size={14} aria-hidden /> {busy === template.id ? 'Preparing …' : 'Use'}
                </Button>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </PageFrame>
  );
}

function MissingKey({ words }: { words: string | null }) {
  if (words === null) return <span />;
  return (
    <span className="flex items-center gap-1.5 text-xs text-accent-text">
      <KeyRound size={13} aria-hidden /> {words}
    </span>
  );
}
