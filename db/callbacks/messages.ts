import type { CallbackMessage, MessageType } from '../../core/api/callbacks.ts';
import type { InWorkspace } from '../../core/scope.ts';
import { statement, storedMessage, type Queryable } from '../statement.ts';

/** A run is seen by whoever looks after its commit: no statement takes longer than this. */
export const lookBackSeconds = 30;
/** A callback is written to so often where there is nothing to tell. */
const markSeconds = 10;

/*
 * collect-messages: writes a message for each run that ended since its callbacks were looked at, and for each question that
 * was asked since and is still open, once. Runs that stayed in a workspace that their workflow left are told of to nobody.
 *
 * Locks   the callbacks that nobody else holds: several servers may do so at once.
 * Relies  on callback_messages_once, workflow_runs_finished and waits_open.
 */
const collect = statement<{ messages: number }>(
  'collect-messages',
  `with looked as materialized (
     select c.id, c.workflow_id, c.user_id, c.events, c.looked_until,
            greatest(c.created_at, c.looked_until - make_interval(secs => ${lookBackSeconds})) as since
       from workflow_callbacks c where c.enabled
        for no key update of c skip locked
   ),
   ended as materialized (
     select r.id, r.workflow_id, r.user_id, r.finished_at, case when r.status = 'FAILED' then 'failed' else 'finished' end as event
       from workflow_runs r
      where r.finished_at >= (select min(l.since) from looked l) and r.parent_run_id is null
   ),
   asked as materialized (
     -- A part of a run asks for the run.
     select l.id as callback, q.id as wait, (whole_runs(array[q.run_id]))[1] as run
       from looked l
       join waits q on q.user_id = l.user_id and q.kind = 'person' and q.resolved_at is null and q.created_at >= l.since
       join workflow_runs r on r.id = q.run_id and r.workflow_id = l.workflow_id
      where 'waiting' = any (l.events)
   ),
   written as (
     insert into callback_messages (id, callback_id, run_id, event, wait_id, try_at)
     select gen_random_uuid(), l.id, e.id, 'run.' || e.event, null, clock_timestamp()
       from looked l join ended e on e.workflow_id = l.workflow_id and e.user_id = l.user_id
      where e.finished_at >= l.since and e.event = any (l.events)
     union all
     select gen_random_uuid(), a.callback, a.run, 'run.waiting', a.wait, clock_timestamp() from asked a
     on conflict do nothing
     returning callback_id
   ),
   marked as (
     update workflow_callbacks c set looked_until = clock_timestamp() from looked l
      where c.id = l.id and l.looked_until < clock_timestamp() - make_interval(secs => ${markSeconds})
   )
   select count(*)::integer as messages from written`,
);

/** Gives how many there are to send more than before. */
export async function collectMessages(on: Queryable): Promise<number> {
  return (await collect(on, []))[0]!.messages;
}

/** A message that is to be sent, by whoever has claimed it. */
export interface ClaimedMessage {
  readonly id: string;
  readonly callbackId: string;
  readonly userId: string;
  readonly url: string;
  readonly sealed: Buffer;
  readonly runId: string;
  readonly waitId: string | null;
  readonly type: MessageType;
  /** Null before the first try. */
  readonly body: string | null;
  /** This one included. */
  readonly tries: number;
  /** By the clock of the database, or the one that was given. */
  readonly now: Date;
}

/** Others leave a claimed message alone for so long: no try takes longer. */
const claimSeconds = 60;

/*
 * claim-messages: takes messages that are to be sent, those of users in turn: however many one has, the first of the others
 * goes before the second. $1: what time it is; null: by the clock of the database.
 *
 * Relies  on callback_messages_due.
 */
const claim = statement<ClaimedMessage>(
  'claim-messages',
  `with clock as materialized (select coalesce($1::timestamptz, clock_timestamp()) as now),
   waiting as materialized (
     select w.id, w.try_at, row_number() over (partition by c.user_id order by w.try_at, w.id) as turn
       from clock k cross join workflow_callbacks c
      cross join lateral (
        select m.id, m.try_at from callback_messages m
         where m.callback_id = c.id and m.try_at is not null and m.try_at <= k.now
         order by m.try_at limit $2) w
   ),
   due as materialized (
     select m.id, k.now from clock k cross join waiting w join callback_messages m on m.id = w.id
      where m.try_at <= k.now
      order by w.turn, w.try_at, w.id limit $2
        for no key update of m skip locked
   )
   update callback_messages m set tries = m.tries + 1, try_at = d.now + make_interval(secs => ${claimSeconds})
     from due d, workflow_callbacks c
    where m.id = d.id and c.id = m.callback_id
   returning m.id, c.id as "callbackId", c.user_id as "userId", c.url, c.sealed, m.run_id as "runId", m.wait_id as "waitId", m.event as type,
             m.body, m.tries, d.now`,
);

/**
 * Takes up to `limit` messages that are due; null: by the clock of the database. Each is due again by itself where
 * nothing is recorded of its try.
 */
export function claimMessages(on: Queryable, now: Date | null, limit: number): Promise<ClaimedMessage[]> {
  return claim(on, [now, limit]);
}

const keepBody = statement<{ body: string }>(
  'keep-message-body',
  'update callback_messages set body = coalesce(body, $2) where id = $1 returning body',
);

/** Keeps what a message says, which is the same for all its tries; gives it back. Null: the message is gone. */
export async function keepMessageBody(on: Queryable, id: string, body: string): Promise<string | null> {
  return (await keepBody(on, [id, body]))[0]?.body ?? null;
}

/** What became of a try. */
export interface TriedMessage {
  readonly id: string;
  readonly status: 'due' | 'delivered' | 'failed';
  /** Set exactly where it is `due`. */
  readonly tryAt: Date | null;
  readonly answerStatus: number | null;
  readonly error: string | null;
}

const record = statement(
  'record-message',
  `update callback_messages set status = $2::text, try_at = $3, answer_status = $4, error = $5, sent_at = clock_timestamp()
    where id = $1 and status = 'due'`,
);

/** Writes down what became of a try; nothing happens where the message is not due any more. */
export async function recordMessage(on: Queryable, tried: TriedMessage): Promise<void> {
  const { id, status, tryAt, answerStatus, error } = tried;
  await record(on, [id, status, tryAt, answerStatus, error === null ? null : storedMessage(error)]);
}

const gone = statement(
  'pause-callback',
  `with paused as (
     update workflow_callbacks set enabled = false, paused_reason = $2 where id = $1 and enabled returning id
   )
   update callback_messages m set status = 'failed', try_at = null, error = $2
     from paused p where m.callback_id = p.id and m.status = 'due'`,
);

/** Pauses a callback whose receiver wants no more, and ends what waits to be told. */
export async function pauseCallback(on: Queryable, id: string, reason: string): Promise<void> {
  await gone(on, [id, reason]);
}

const undeliveredTo = statement<{ isNew: boolean }>(
  'undelivered-messages-of-workflow',
  `select m.tries = 0 as "isNew" from workflow_callbacks c join callback_messages m on m.callback_id = c.id
    where c.workflow_id = $1 and m.status = 'due' for no key update of m`,
);
const endDue = statement(
  'end-messages-of-workflow',
  `update callback_messages m set status = 'failed', try_at = null, error = $2
     from workflow_callbacks c where c.workflow_id = $1 and m.callback_id = c.id and m.status = 'due'`,
);

/**
 * Ends what waits to be told again of the runs of a workflow, before it leaves its workspace: whoever decides about its
 * callbacks there must not get what ran here. False, and nothing is ended: something was not tried once yet. Call it in the
 * transaction of the move.
 */
export async function endMessagesOfMoved(on: Queryable, workflowId: number, reason: string): Promise<boolean> {
  await collectMessages(on);
  const due = await undeliveredTo(on, [workflowId]);
  if (due.some(({ isNew }) => isNew)) return false;
  if (due.length > 0) await endDue(on, [workflowId, reason]);
  return true;
}

interface Row extends Omit<CallbackMessage, 'createdAt' | 'nextTryAt' | 'sentAt' | 'event'> {
  readonly event: MessageType;
  readonly nextTryAt: Date | null;
  readonly createdAt: Date;
  readonly sentAt: Date | null;
}

const shown = `m.id, m.run_id as "runId", m.wait_id as "waitId", m.event, m.status, m.tries, m.try_at as "nextTryAt",
  m.answer_status as "answerStatus", m.error, m.created_at as "createdAt", m.sent_at as "sentAt"`;

const eventOf = { 'run.finished': 'finished', 'run.failed': 'failed', 'run.waiting': 'waiting' } as const;

function messageOf({ event, nextTryAt, createdAt, sentAt, ...row }: Row): CallbackMessage {
  return {
    ...row,
    event: eventOf[event],
    nextTryAt: nextTryAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    sentAt: sentAt?.toISOString() ?? null,
  };
}

/** Runs stay in the workspace that their workflow left, and what was told of them as well. */
const ofThisWorkspace = `not exists (select from workflow_runs r where r.id = m.run_id and r.user_id <> c.user_id)`;

const list = statement<Row>(
  'list-messages',
  `select ${shown} from callback_messages m join workflow_callbacks c on c.id = m.callback_id
    where m.callback_id = $1 and c.user_id = $2 and ${ofThisWorkspace}
    order by m.created_at desc, m.id desc limit $3`,
);

/** The latest messages of a user's callback. */
export async function listMessages(
  on: Queryable,
  { workspaceId }: InWorkspace,
  callbackId: string,
  limit: number,
): Promise<CallbackMessage[]> {
  return (await list(on, [callbackId, workspaceId, limit])).map(messageOf);
}

const replay = statement<Row>(
  'replay-message',
  `update callback_messages m set status = 'due', try_at = clock_timestamp(), tries = 0
     from workflow_callbacks c
    where m.id = $1 and c.id = m.callback_id and c.user_id = $2 and c.enabled and ${ofThisWorkspace}
  returning ${shown}`,
);

/** Sends a message again, with all its tries. Null where the user has none of that id, or its callback is off. */
export async function replayMessage(
  on: Queryable,
  { workspaceId }: InWorkspace,
  id: string,
): Promise<CallbackMessage | null> {
  const [row] = await replay(on, [id, workspaceId]);
  return row === undefined ? null : messageOf(row);
}

/** A callback shows its latest; what is older says nothing that its runs do not. */
const keptPerCallback = 1_000;
const keptDays = 30;

/*
 * Deletes messages that are over: those after the newest of their callback, and those that are too old.
 *
 * Relies  on callback_messages_recent.
 */
const deleteOld = statement(
  'delete-old-messages',
  `delete from callback_messages m using workflow_callbacks c
    where c.id = m.callback_id and m.status <> 'due'
      and (m.created_at < clock_timestamp() - make_interval(days => ${keptDays})
           or m.created_at <= (select o.created_at from callback_messages o where o.callback_id = c.id
                                order by o.created_at desc, o.id desc offset ${keptPerCallback} limit 1))`,
);

/** Those that are still due stay. */
export async function deleteOldMessages(on: Queryable): Promise<void> {
  await deleteOld(on, []);
}
