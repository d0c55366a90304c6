import type { CallContract } from '../../../core/graph/call-contract.ts';

type Member = CallContract['outputs'][number] & { readonly required?: boolean };

/** What another version of a workflow takes and gives otherwise, in words. */
export function contractChanges(
  before: Pick<CallContract, 'inputs' | 'outputs'>,
  after: Pick<CallContract, 'inputs' | 'outputs'>,
): readonly string[] {
  return [...changesOf('input', before.inputs, after.inputs), ...changesOf('result', before.outputs, after.outputs)];
}

function* changesOf(what: string, before: readonly Member[], after: readonly Member[]): Generator<string> {
  const known = new Map(before.map((member) => [member.name, member]));
  for (const member of after) {
    const old = known.get(member.name);
    known.delete(member.name);
    if (old === undefined)
      yield `New ${what} "${member.name}"${member.required === true ? ', which is required' : ''}.`;
    else if (old.dataType !== member.dataType)
      yield `The ${what} "${member.name}" is ${member.dataType} now, and was ${old.dataType}.`;
    else if (member.required === true && old.required !== true) yield `The ${what} "${member.name}" is required now.`;
  }
  for (const name of known.keys()) yield `The ${what} "${name}" is gone.`;
}
