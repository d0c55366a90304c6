import { sql, type Kysely } from 'kysely';

/*
 * A worker may go on with a dependent that its record made ready: PENDING
 * becomes RUNNING. The moves stand in the function and not in the trigger's
 * condition: a condition is read from its stored form by every statement, a
 * function once by every connection.
 */
const allowed = `create or replace function refuse_node_execution_status_move() returns trigger language plpgsql as $$
   begin
     if (old.status, new.status) in (
       ('PENDING', 'QUEUED'), ('PENDING', 'RUNNING'), ('PENDING', 'SKIPPED'), ('PENDING', 'CANCELLED'),
       ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     ) then return new; end if;
     if old.status = 'RUNNING' and new.status = 'QUEUED' and new.attempt = old.attempt + 1 then return new; end if;
     raise exception 'node_executions %: % (attempt %) may not become % (attempt %)',
       old.id, old.status, old.attempt, new.status, new.attempt using errcode = 'check_violation';
   end $$`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(allowed).execute(db);
}
