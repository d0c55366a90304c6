import { statement, type Queryable } from '../statement.ts';

/** The answer that a repeated request with the same key gets. */
export interface SavedAnswer {
  readonly userId: string;
  readonly key: string;
  readonly status: number;
  /** What becomes of it as JSON is kept. */
  readonly response: unknown;
}

/*
 * save: the answers of keys.
 *
 * Locks   the keys; each has one holder, so two statements seldom meet.
 * Relies  on the primary key.
 */
const save = statement(
  'save-idempotent-answers',
  `update idempotency_keys k set status = i.status, response = i.response::jsonb
     from unnest($1::text[], $2::text[], $3::integer[], $4::text[]) as i(user_id, key, status, response)
    where k.user_id = i.user_id and k.key = i.key`,
);

/** Keeps answers for later requests with the same keys. */
export async function saveIdempotentAnswers(on: Queryable, answers: readonly SavedAnswer[]): Promise<void> {
  await save(on, [
    answers.map(({ userId }) => userId),
    answers.map(({ key }) => key),
    answers.map(({ status }) => status),
    answers.map(({ response }) => JSON.stringify(response ?? null)),
  ]);
}
