import { sharedRunEventSchema, sharedRunSchema, type SharedRun } from '../../core/api/links.ts';
import { addPiece, type TextPiece } from '../live/streamed-text.ts';

/** A run as it is followed: what is known of it, and the texts that are being written, by the names of results. */
export interface FollowedRun {
  readonly run: SharedRun;
  readonly texts: Readonly<Record<string, { readonly attempt: number; readonly pieces: readonly TextPiece[] }>>;
}

/** A run as it is after one more event of its stream. Null before the first one. Throws where the event is none. */
export function afterEvent(before: FollowedRun | null, type: string, data: unknown): FollowedRun | null {
  if (type === 'run' || type === 'done') return { run: sharedRunSchema.parse(data), texts: {} };
  if (before === null) return null;
  const { run, texts } = before;
  const event = sharedRunEventSchema.parse({ ...(data as object), type });
  switch (event.type) {
    case 'progress': {
      const { status, done, total, list, error } = event;
      return { texts, run: { ...run, status, done, total, list, error } };
    }
    case 'output':
      return { texts, run: { ...run, outputs: { ...run.outputs, [event.name]: event.value } } };
    case 'text': {
      const { name, attempt, offset, text } = event;
      const known = texts[name]?.attempt === attempt ? texts[name].pieces : [];
      return { run, texts: { ...texts, [name]: { attempt, pieces: addPiece(known, { offset, text }) } } };
    }
  }
}

/** The events of a stream that are listened for. */
export const followedEvents = ['run', 'progress', 'output', 'text', 'done'] as const;
