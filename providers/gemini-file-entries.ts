import { z } from 'zod';
import type { ErrorSubject } from './errors.ts';
import { get, readRefusal, refusalOf, remove, type Service } from './gemini-connection.ts';
import type { GuardedCall } from './guarded-call.ts';
import { readJsonAnswer } from './media-results.ts';
import { field, textField } from './wire-fields.ts';

/* Files that lie at the service: asked about, deleted, and what it says instead. */

/** The call that a file is for. */
export interface Storing {
  readonly service: Service;
  readonly subject: ErrorSubject;
  readonly call: GuardedCall;
}

const entrySchema = z.object({
  /** `files/<id>`. */
  name: z.string().min(1),
  uri: textField,
  state: textField,
  expirationTime: textField,
  error: field(z.object({ message: textField })),
});

/** A file as the service tells of it. */
export type FileEntry = z.infer<typeof entrySchema>;

/** Null where the service tells of none. */
export function readFileEntry(document: unknown): FileEntry | null {
  return entrySchema.safeParse(document).data ?? null;
}

/** Null where there is none: the service answers 403 for what is not there. */
export async function findFile(storing: Storing, name: string): Promise<FileEntry | null> {
  const { service, subject, call } = storing;
  const response = await get(service, `/v1beta/${name}`, { subject, signal: call.signal });
  if (response.ok) return readFileEntry(await readJsonAnswer(response, subject));
  if (response.status !== 403 && response.status !== 404) throw await refused(storing, response);
  await response.body?.cancel();
  return null;
}

/** Deletes a file of the service, which would delete it after 48 hours all the same: that a deletion fails changes nothing. */
export async function forgetFile({ service, subject, call }: Storing, name: string): Promise<void> {
  try {
    const response = await remove(service, `/v1beta/${name}`, { subject, signal: call.signal });
    await response.body?.cancel();
  } catch {
    call.signal.throwIfAborted();
  }
}

/** The error for what the service says instead of taking a file, or telling of one. */
export async function refused({ service, subject }: Storing, response: Response): Promise<Error> {
  const { status } = response;
  const request = { model: subject.model ?? '', userMessage: '' };
  const failure = await readRefusal(response);
  return refusalOf({ service, request, subject }, { status, response, failure, usage: null });
}
