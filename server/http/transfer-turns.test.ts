import { expect, test } from '@jest/globals';
import { createTransferTurns, type TransferOwner } from './transfer-turns.ts';

const never = new AbortController().signal;
/** Whose turn does not come within some rounds of promises waits. */
async function comesThrough(entering: Promise<() => void>): Promise<(() => void) | 'waits'> {
  return Promise.race([entering, new Promise<'waits'>((resolve) => setImmediate(() => resolve('waits')))]);
}

test.each(['uploads', 'downloads'] as const)(
  'security case 4: %s of visitors take nothing from accounts, one network not all of its workspace, one workspace not all',
  async (direction) => {
    const pool = createTransferTurns()[direction];
    const enter = (owner: TransferOwner) => comesThrough(pool.enter({ owner, signal: never, patience: never }));
    const taken = async (owner: TransferOwner) => {
      const leaves: (() => void)[] = [];
      for (;;) {
        const leave = await enter(owner);
        if (leave === 'waits') return leaves;
        leaves.push(leave);
      }
    };
    const first = await taken({ workspace: 'w', network: 'a' });
    // Others who came by the same link find places beside one who takes all that one may.
    const second = await taken({ workspace: 'w', network: 'b' });
    expect(second.length).toBe(first.length);
    for (const network of ['c', 'd', 'e', 'f']) await taken({ workspace: 'w', network });
    expect(await enter({ workspace: 'w', network: 'g' })).toBe('waits');
    expect(await enter({ workspace: 'other', network: 'a' })).not.toBe('waits');
    expect(await enter('user_ada')).not.toBe('waits');
    // Whoever leaves makes room for the one of the network who waits, and for nobody twice.
    first[0]!();
    first[0]!();
    expect((await enter({ workspace: 'w', network: 'h' })) === 'waits').toBe(true);
  },
);
