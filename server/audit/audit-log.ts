import type { Request } from 'express';
import type { AuditAction } from '../../core/api/audit.ts';
import type { Logger } from '../../core/node-type/executor.ts';
import type { Db } from '../../db/client.ts';
import { insertAuditEntry } from '../../db/audit-log/insert.ts';
import type { Principal } from '../auth/principal.ts';
import { requestIdOf } from '../http/answer.ts';

export interface AuditRecord {
  readonly action: AuditAction;
  /** It was tried and refused. Default false. */
  readonly isRefused?: boolean;
  /** Who did it; null where nobody was signed in. */
  readonly actor: Pick<Principal, 'userId' | 'email' | 'via'> | { readonly email: string | null } | null;
  readonly subject?: { readonly type: string; readonly id?: string | null; readonly name?: string | null };
  /** Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Null where it did not come by a request of a person. */
  readonly request: Request | null;
  /** What stands in for a person where there is none, such as `clerk`. */
  readonly via?: string;
}

export interface AuditLog {
  /** Never throws: what was done stays done, and the log of the process says what could not be written. */
  record(entry: AuditRecord): Promise<void>;
}

/** As the table takes them. */
const maxNameLength = 255;

/** Keeps who did what, for the owners. */
export function createAuditLog(deps: {
  readonly db: Db;
  readonly newId: () => string;
  readonly logger: Logger;
}): AuditLog {
  return {
    record: async ({ action, isRefused = false, actor, subject, details = {}, request, via }) => {
      const isKnown = actor !== null && 'userId' in actor;
      await insertAuditEntry(deps.db, {
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
        details,
      }).catch((error: unknown) => {
        deps.logger.error({ err: error, action, subject }, 'the audit log could not be written');
      });
    },
  };
}
