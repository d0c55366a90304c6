import { createHash } from 'node:crypto';
import type { Request } from 'express';
import type { AuditAction } from '../../core/api/audit.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { Db } from '../../db/client.ts';
import { noteAuditEntry, type NewAuditEntry } from '../../db/audit-log/note.ts';
import { networkOf } from '../limits/networks.ts';
import { requestIdOf } from '../request/request-id.ts';

/** Somebody who is signed in. */
export interface AuditActor {
  readonly userId: string;
  readonly email: string;
  readonly via: 'session' | 'api-key';
}

/** What was done, as it is handed in. */
export interface AuditRecord {
  readonly action: AuditAction;
  /** It was tried and refused. Default false. */
  readonly isRefused?: boolean;
  /** A further piece of an act that has a line, such as another range of a download. Default false. */
  readonly isFurther?: boolean;
  /** Who did it; null where nobody was signed in. */
  readonly actor: AuditActor | { readonly email: string | null } | null;
  readonly subject?: { readonly type: string; readonly id?: string | null; readonly name?: string | null };
  /** Where it was done: default, in no workspace of several. */
  readonly workspaceId?: string | null;
  /** Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Null where it did not come by a request of a person. */
  readonly request: Request | null;
  /** What stands in for a person where there is none, such as `clerk`. */
  readonly via?: string;
}

/** Writes down who did what. */
export interface AuditLog {
  /** Never throws: what was done stays done, and the log of the process says what could not be written. */
  record(entry: AuditRecord): Promise<void>;
}

/** As the table takes them. */
const maxNameLength = 255;

/** More different acts than a person does by hand; a script of an owner that invites a whole school has them, too. */
const defaultLinesPerHour = 120;
const beyond = { note: 'more than are listed one by one in an hour' };

/**
 * Keeps who did what, for the owners. The same act of the same person on the
 * same thing is one line an hour with a count. Beyond `linesPerHour` lines of one
 * person (of one network, where nobody is signed in) there is one for each action.
 */
export function createAuditLog(deps: {
  readonly db: Db;
  readonly newId: () => string;
  readonly logger: Logger;
  /** Default 120. */
  readonly linesPerHour?: number;
}): AuditLog {
  const most = deps.linesPerHour ?? defaultLinesPerHour;
  return {
    record: async ({
      action,
      isRefused = false,
      isFurther = false,
      actor,
      subject,
      workspaceId = null,
      details = {},
      ...from
    }) => {
      const { request, via } = from;
      const isKnown = actor !== null && 'userId' in actor;
      const entry: NewAuditEntry = {
        id: deps.newId(),
        action,
        isRefused,
        actorId: isKnown ? actor.userId : null,
        actorEmail: actor?.email ?? null,
        via: via ?? (isKnown ? actor.via : null),
        subject:
          subject === undefined
            ? null
            : { type: subject.type, id: subject.id ?? null, name: subject.name?.slice(0, maxNameLength) ?? null },
        address: request?.ip ?? null,
        requestId: request === null ? null : requestIdOf(request),
        workspaceId,
        details,
      };
      const share = shareOf(entry);
      const rest = { id: deps.newId(), act: hashOf([share, 'rest', action, isRefused]), details: beyond };
      await noteAuditEntry(deps.db, entry, { share, act: actOf(share, entry), isFurther, most, rest }).catch(
        (error: unknown) => deps.logger.error({ err: error, action, subject }, 'the audit log could not be written'),
      );
    },
  };
}

/** Whose lines they are: who did it; where nobody was signed in, where it came from; and else, whom it is about. */
function shareOf({ actorId, address, subject, via }: NewAuditEntry): string {
  if (actorId !== null) return `user ${actorId}`;
  if (address !== null) return `network ${networkOf(address)}`;
  return `about ${subject?.id ?? via ?? ''}`;
}

function actOf(share: string, entry: NewAuditEntry) {
  const { action, isRefused, actorEmail, via, address, subject, workspaceId, details } = entry;
  const thing = subject === null ? null : [subject.type, subject.id ?? subject.name];
  return hashOf([share, action, isRefused, actorEmail, via, address, thing, details, workspaceId]);
}

function hashOf(parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
