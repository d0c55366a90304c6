import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Unlink } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useParams } from 'react-router';
import type { AnswerWaitBody, LinkedQuestion } from '../../core/api/waits.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp } from '../api/context.ts';
import { readFilesAt } from '../ui/app-address.ts';
import { Button } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { Field, TextInput } from '../ui/Field.tsx';
import { QuestionForm } from '../waits/QuestionForm.tsx';
import { answerApi } from './answer-api.ts';

/** Between two looks at whether somebody else was first. */
const lookEveryMs = 15_000;

const mostOfName = 100;

/** A question as whoever has its link sees it: it is answered here, once. Opening the page decides nothing. */
export function AnswerPage() {
  const { token = '' } = useParams();
  const { api } = useApp();
  const tools = useMemo(() => answerApi(api, token), [api, token]);
  const [isAnswered, setIsAnswered] = useState(false);
  const name = useRef('');
  // Before anything asks for a file.
  useLayoutEffect(() => readFilesAt(tools.files), [tools]);
  useEffect(() => {
    document.title = 'Question';
  }, []);
  const { data, error, refetch } = useQuery({
    // Whoever hears that it is over looks again at all of these.
    queryKey: [...queryKeys.waits, 'by link', token],
    queryFn: ({ signal }) => tools.question(signal),
    enabled: !isAnswered,
    refetchInterval: ({ state }) => (state.error === null ? lookEveryMs : false),
  });
  const send = useCallback(
    async (body: AnswerWaitBody, key: string) => {
      await tools.answer(body, name.current, key);
      setIsAnswered(true);
    },
    [tools],
  );
  return (
    <main className="h-full overflow-y-auto bg-page">
      <div className="mx-auto max-w-180 px-6 py-6 max-sm:px-4 max-sm:py-4">
        {isAnswered ? (
          <EmptyState icon={<CircleCheck size={20} aria-hidden />} title="Your answer has been recorded">
            You can close this page.
          </EmptyState>
        ) : error !== null && (data === undefined || isOver(error)) ? (
          <NoQuestion error={error} onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <div role="status" aria-label="Loading" className="skeleton h-64" />
        ) : (
          <Question question={data} send={send} onName={(given) => (name.current = given)} />
        )}
      </div>
    </main>
  );
}

interface LinkedQuestionProps {
  question: LinkedQuestion;
  send(body: AnswerWaitBody, key: string): Promise<void>;
  onName(name: string): void;
}

function Question({ question, send, onName }: LinkedQuestionProps) {
  const { message, dueAt } = question;
  return (
    <section aria-label={message || 'Question'} className="flex flex-col gap-4">
      <h1 className="text-lg font-semibold break-words whitespace-pre-wrap">{message || 'Question'}</h1>
      {dueAt !== null && (
        <p className="text-xs text-muted">
          Open until {new Date(dueAt).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}.
        </p>
      )}
      <Field label="Your name" hint="Optional. It is shown with your answer.">
        {({ id, describedBy }) => (
          <TextInput
            id={id}
            aria-describedby={describedBy}
            autoComplete="name"
            maxLength={mostOfName}
            className="h-11 text-base"
            onChange={(event) => onName(event.target.value)}
          />
        )}
      </Field>
      <QuestionForm question={question} place="page" send={send} />
    </section>
  );
}

function NoQuestion({ error, onRetry }: { error: Error; onRetry(): void }) {
  const code = error instanceof ApiError ? error.code : null;
  if (code === 'WAIT_RESOLVED') {
    return (
      <EmptyState icon={<CircleCheck size={20} aria-hidden />} title="This question has been answered">
        {whoAnswered(error)}
      </EmptyState>
    );
  }
  if (code === 'LINK_NOT_FOUND') {
    return (
      <EmptyState icon={<Unlink size={20} aria-hidden />} title="This link does not work">
        It was mistyped, has expired, or the question is no longer open. Ask the person who sent it.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Unlink size={20} aria-hidden />}
      title="The question could not be loaded"
      actions={<Button onClick={onRetry}>Try again</Button>}
    >
      {error.message}
    </EmptyState>
  );
}

function isOver(error: Error): boolean {
  return error instanceof ApiError && ['WAIT_RESOLVED', 'LINK_NOT_FOUND'].includes(error.code ?? '');
}

/** Who was first, and when, as far as the server says. */
function whoAnswered(error: Error): string {
  const { resolvedBy, resolvedAt } = (error instanceof ApiError ? error.problem?.details : null) ?? {};
  const by = typeof resolvedBy === 'string' ? ` by ${resolvedBy}` : '';
  const at =
    typeof resolvedAt === 'string'
      ? ` on ${new Date(resolvedAt).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' })}`
      : '';
  return `It was answered${by}${at}.`;
}
