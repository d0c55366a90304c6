import { useCallback } from 'react';
import type { AnswerWaitBody, Wait } from '../../core/api/waits.ts';
import { allows, type WorkspaceRole } from '../../core/scope.ts';
import { useApp } from '../api/context.ts';
import { cn } from '../ui/cn.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { lookingWords } from '../workspaces/looking-words.ts';
import { useRoleHere } from '../workspaces/use-workspaces.ts';
import { QuestionForm } from './QuestionForm.tsx';
import { answerWait } from './waits-api.ts';

interface QuestionProps {
  wait: Wait;
  /** `node`: on a node of the canvas, where there is little room. */
  place: 'page' | 'node';
}

/** What is asked, with all that it takes to answer: what to look at, fields, buttons, or a gallery to choose from. */
export function QuestionView({ wait, place }: QuestionProps) {
  const role = useRoleHere();
  const mayAnswer = allows(role, 'runner');
  const { api } = useApp();
  const { id, answerUrl } = wait;
  const send = useCallback((body: AnswerWaitBody, key: string) => answerWait(api, id, body, key), [api, id]);
  return (
    <section
      aria-label={wait.message || 'Question'}
      className={cn('flex flex-col gap-3', place === 'node' && 'nodrag nowheel')}
    >
      {wait.message !== '' && (
        <p className={cn('whitespace-pre-wrap', place === 'page' ? 'text-base' : 'text-sm')}>{wait.message}</p>
      )}
      {!mayAnswer ? (
        <Unanswerable wait={wait} place={place} role={role} />
      ) : (
        <QuestionForm question={wait} place={place} send={send} />
      )}
      {mayAnswer && answerUrl !== undefined && (
        <p className="flex items-center gap-1 text-xs text-muted">
          Anyone with the link may answer. <CopyButton text={answerUrl} label="Copy link" />
        </p>
      )}
    </section>
  );
}

/** What is asked, to those who may look only. */
function Unanswerable({ wait, place, role }: QuestionProps & { role: WorkspaceRole }) {
  const values =
    Array.isArray(wait.value) && wait.choice !== null ? wait.value : wait.value === null ? [] : [wait.value];
  return (
    <>
      {values.map((value, index) => (
        // The place in the list is what is chosen.
        <ValuePreview key={index} value={value} title="What came in" size={place === 'page' ? 'large' : 'small'} />
      ))}
      <p role="note" className="text-xs text-muted">
        {lookingWords(role)}
      </p>
    </>
  );
}
