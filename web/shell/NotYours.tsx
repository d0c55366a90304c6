import { ApiError } from '../api/api-error.ts';
import { useMe } from '../api/context.ts';

/** Why something of the address does not show; whether it is there is told to nobody but the person whose it is. */
export function NotYours({ error, what, instead }: { error: Error; what: string; instead: string }) {
  const { data: me } = useMe();
  if (!(error instanceof ApiError) || error.status !== 404 || error.problem === null) return error.message;
  return (
    <>
      There is no such {what}
      {me === undefined ? '' : ` for ${me.email}`}. Only members of its workspace can open a {what}, until it is
      deleted. If someone gave you this link, {instead}
    </>
  );
}
