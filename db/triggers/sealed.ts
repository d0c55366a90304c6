import { statement, type Queryable } from '../statement.ts';

/** What has secrets of its own, beside keys of users. */
export const sealedKinds = ['webhook', 'callback'] as const;
export type SealedKind = (typeof sealedKinds)[number];

type Row = { readonly id: string; readonly sealed: Buffer };

const lists = {
  webhook: statement<Row>('list-sealed-webhooks', 'select id, sealed from triggers where sealed is not null'),
  callback: statement<Row>('list-sealed-callbacks', 'select id, sealed from workflow_callbacks'),
};

/** Every sealed secret of a kind, for a change of the key that they are sealed with. */
export function listSealed(on: Queryable, kind: SealedKind): Promise<Row[]> {
  return lists[kind](on, []);
}

const reseals = {
  webhook: statement('reseal-webhook', 'update triggers set sealed = $3 where id = $1 and sealed = $2'),
  callback: statement('reseal-callback', 'update workflow_callbacks set sealed = $3 where id = $1 and sealed = $2'),
};

/** Puts another sealing of the same secret in place, unless it was changed meanwhile. */
export async function resealed(
  on: Queryable,
  kind: SealedKind,
  id: string,
  { from, to }: { readonly from: Buffer; readonly to: Buffer },
): Promise<void> {
  await reseals[kind](on, [id, from, to]);
}
