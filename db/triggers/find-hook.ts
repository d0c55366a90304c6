import { statement, type Queryable } from '../statement.ts';
import { columns, type TriggerRow } from './rows.ts';

const find = statement<TriggerRow>('find-hook', `select ${columns} from triggers t where t.token_hash = $1`);

/** The webhook whose address holds a token of that hash, whoever it belongs to; null where there is none. */
export async function findHook(on: Queryable, tokenHash: Buffer): Promise<TriggerRow | null> {
  return (await find(on, [tokenHash]))[0] ?? null;
}
