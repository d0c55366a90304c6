import { sql, type Kysely } from 'kysely';

/*
 * A worker may go on with a dependent that its record made ready: PENDING
 * becomes RUNNING. The legal moves stand in the triggers' conditions, so that a
 * legal move, of which every node makes three, calls no function.
 */
const statements = [
  `drop trigger workflow_runs_status on workflow_runs`,
  `create or replace function refuse_run_status_move() returns trigger language plpgsql as $$
   begin
     raise exception 'workflow_runs %: % may not become %', old.id, old.status, new.status
       using errcode = 'check_violation';
   end $$`,
  `create trigger workflow_runs_status before update of status on workflow_runs
     for each row when (old.status is distinct from new.status and (old.status, new.status) not in (
       ('PENDING', 'RUNNING'), ('PENDING', 'CANCELLED'), ('PENDING', 'FAILED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     )) execute function refuse_run_status_move()`,
  `drop trigger node_executions_status on node_executions`,
  `create or replace function refuse_node_execution_status_move() returns trigger language plpgsql as $$
   begin
     raise exception 'node_executions %: % (attempt %) may not become % (attempt %)',
       old.id, old.status, old.attempt, new.status, new.attempt using errcode = 'check_violation';
   end $$`,
  `create trigger node_executions_status before update of status on node_executions
     for each row when (old.status is distinct from new.status and (old.status, new.status) not in (
       ('PENDING', 'QUEUED'), ('PENDING', 'RUNNING'), ('PENDING', 'SKIPPED'), ('PENDING', 'CANCELLED'),
       ('QUEUED', 'RUNNING'), ('QUEUED', 'CANCELLED'),
       ('RUNNING', 'COMPLETED'), ('RUNNING', 'FAILED'), ('RUNNING', 'CANCELLED')
     ) and not (old.status = 'RUNNING' and new.status = 'QUEUED' and new.attempt = old.attempt + 1))
     execute function refuse_node_execution_status_move()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
