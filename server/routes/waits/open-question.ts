import type { Scope } from '../../../core/scope.ts';
import { findKeys } from '../../../core/scrub.ts';
import { findLinkedWait, listFilesAmong, type LinkedWait } from '../../../db/waits/links.ts';
import type { FoundWait } from '../../../db/waits/rows.ts';
import { hashSecret } from '../../auth/secrets.ts';
import { limit } from '../../limits/rate-limits.ts';
import type { ServerDependencies } from '../deps.ts';
import { linkEnded } from '../links/link-shown.ts';
import { createListFiles, filesIn } from '../links/shared-run.ts';
import { refused, resolvedBefore } from './answer-wait.ts';

/** A question that somebody came to by its link. */
export interface OpenedQuestion {
  readonly found: FoundWait;
  /** What it is answered and its files are read with; never shown to whoever came. */
  readonly scope: Scope;
  readonly isTeam: boolean;
  /** Of the ids of files those that it shows; lists that lie in files are read for that. */
  shows(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Looks up questions by what stands in the addresses of their links. */
export function createQuestionOpener({ db, rates, lists }: Pick<ServerDependencies, 'db' | 'rates' | 'lists'>) {
  const listFiles = createListFiles(lists);

  /** Also one that was answered. Throws LINK_NOT_FOUND. */
  async function find(token: string): Promise<OpenedQuestion> {
    const linked = await findLinkedWait(db, hashSecret(token));
    if (linked === null) throw linkEnded();
    return openedOf(listFiles, linked);
  }

  /** The same for a request that has just come. Throws LINK_NOT_FOUND, RATE_LIMITED. */
  async function open(token: string, address: string | undefined): Promise<OpenedQuestion> {
    const opened = await find(token);
    limit(await rates.takeFrom('linkVisitor', address ?? 'unknown', opened.found.wait.id));
    limit(await rates.take('link', opened.found.wait.id));
    return opened;
  }

  return {
    find,
    open,
    /** Throws LINK_NOT_FOUND, RATE_LIMITED; WAIT_RESOLVED with who answered and when. */
    openToAnswer: async (token: string, address: string | undefined): Promise<OpenedQuestion> => {
      const opened = await open(token, address);
      if (opened.found.wait.status === 'resolved') throw resolvedBefore(opened.found);
      return opened;
    },
  };
}

function openedOf(
  listFiles: ReturnType<typeof createListFiles>,
  { found, workspaceId, isTeam }: LinkedWait,
): OpenedQuestion {
  const shown = [found.wait.value, found.wait.fields.map((field) => field.default)];
  return {
    found,
    scope: { workspaceId, actorId: workspaceId, role: 'runner' },
    isTeam,
    shows: async (ids) => {
      const own = new Set(filesIn(shown).map(({ assetId }) => assetId));
      if (!ids.every((id) => own.has(id)))
        for (const { assetId } of await listFiles(workspaceId, shown)) own.add(assetId);
      return new Set(ids.filter((id) => own.has(id)));
    },
  };
}

const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Whoever came by a link names the files that they were shown, and no others of the workspace. Throws FindingsError. */
export async function requireOwnFiles(
  pool: ServerDependencies['pool'],
  { scope, shows }: OpenedQuestion,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const idsOf = (value: unknown) => JSON.stringify(value)?.toLowerCase().match(anyId) ?? [];
  const named = await listFilesAmong(pool, scope.workspaceId, [...new Set(idsOf(given))]);
  const shown = await shows(named);
  const foreign = new Set(named.filter((id) => !shown.has(id)));
  const strange = Object.entries(given).filter(([, value]) => idsOf(value).some((id) => foreign.has(id)));
  if (strange.length === 0) return;
  throw refused(
    strange.map(([name]) => ({
      code: 'WAIT_ANSWER_INVALID',
      message: 'This names a file that the question does not show. Leave it out.',
      path: `values.${name.slice(0, 100)}`,
    })),
  );
}

/** A key in clear would be read by everybody who reads the run. Throws FindingsError. */
export function requireNoKey(name: string | null): void {
  if (findKeys(name ?? '').length === 0) return;
  throw refused([
    { code: 'SECRET_IN_GRAPH', message: 'This name holds a key in clear. Give another one.', path: 'name' },
  ]);
}
