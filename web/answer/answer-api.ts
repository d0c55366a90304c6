import {
  answeredByLinkSchema,
  linkedQuestionSchema,
  type AnswerWaitBody,
  type LinkedQuestion,
} from '../../core/api/waits.ts';
import type { ApiClient } from '../api/client.ts';

/** Requests of whoever came by the link of a question. All of them throw ApiError. */
export function answerApi({ request: call }: Pick<ApiClient, 'request'>, token: string) {
  const path = `/api/answers/${encodeURIComponent(token)}`;
  return {
    /** Where the files that it shows are read. */
    files: `${path}/files`,
    question: (signal: AbortSignal): Promise<LinkedQuestion> => call(path, { schema: linkedQuestionSchema, signal }),
    /** `name` empty: nobody says who answers. */
    answer: (body: AnswerWaitBody, name: string, key: string) =>
      call(path, {
        method: 'POST',
        body: name.trim() === '' ? body : { ...body, name: name.trim() },
        headers: { 'Idempotency-Key': key },
        schema: answeredByLinkSchema,
      }),
  };
}
