import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import type { AnswerWaitBody } from '../../core/api/waits.ts';
import { ApiError } from '../api/api-error.ts';
import { queryKeys, useApp } from '../api/context.ts';

/** Nothing can be answered any more. */
const overCodes = ['WAIT_RESOLVED', 'WAIT_NOT_FOUND', 'LINK_NOT_FOUND'];

/** Sends an answer; the same key is the same answer. */
export type SendAnswer = (body: AnswerWaitBody, key: string) => Promise<unknown>;

/**
 * Answers a question. Where somebody was first that is told, and the lists are read again either way.
 *
 * @param onRefused takes a refusal that it can show at its place, and says whether it did
 */
export function useAnswer(send: SendAnswer, onRefused: (error: unknown) => boolean) {
  const { queries, notify, createId } = useApp();
  // One key for each answer: a press that is sent twice has its effect once.
  const sent = useRef<{ readonly body: string; readonly key: string } | null>(null);
  return useMutation({
    mutationFn: (body: AnswerWaitBody) => {
      const text = JSON.stringify(body);
      if (sent.current?.body !== text) sent.current = { body: text, key: createId() };
      return send(body, sent.current.key);
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: queryKeys.waits }),
    onError: (error) => {
      const isOver = error instanceof ApiError && overCodes.includes(error.code);
      if (isOver) void queries.invalidateQueries({ queryKey: queryKeys.waits });
      if (isOver || !onRefused(error)) {
        notify({
          title: isOver ? 'This was over before' : 'Not answered',
          description: error.message,
          kind: isOver ? 'info' : 'error',
        });
      }
    },
  });
}
