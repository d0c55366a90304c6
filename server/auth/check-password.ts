import { TerminalError } from '../../core/errors/app-error.ts';
import { passwordWeakness } from '../../core/api/password.ts';
import { createHashThreads } from './hash-threads.ts';
import { createHashingTurns, type Asker } from './hashing-turns.ts';
import { hashPassword, passwordCost, verifyPassword, type PasswordCost } from './password.ts';

/** Hashing takes 32 MiB and a core for a quarter of a second: one for strangers, one that whoever is known finds free. */
const places = 2;

/** Hashes passwords, few at once and in turns: hashing is slow on purpose. */
export interface PasswordChecker {
  /** Whether the password belongs to the stored hash; as slow where there is none. */
  isRight(password: string, stored: string | null, asker: Asker, signal: AbortSignal): Promise<boolean>;
  /** Hashes a new password. Throws PASSWORD_WEAK. */
  hashNew(password: string, email: string, asker: Asker, signal: AbortSignal): Promise<string>;
  stop(): Promise<void>;
}

/** Checks and hashes passwords, in turns. Throws RATE_LIMITED where a turn does not come. `cost`: of new ones. */
export function createPasswordChecker({ cost = passwordCost }: { readonly cost?: PasswordCost } = {}): PasswordChecker {
  const threads = createHashThreads();
  const turns = createHashingTurns({ places });

  return {
    isRight: (password, stored, asker, signal) =>
      turns.take(asker, signal, () => verifyPassword(password, stored, threads.derive, cost)),
    hashNew: async (password, email, asker, signal) => {
      const weakness = passwordWeakness(password, email);
      if (weakness !== null) throw new TerminalError('PASSWORD_WEAK', weakness);
      return turns.take(asker, signal, () => hashPassword(password, threads.derive, cost));
    },
    stop: () => threads.stop(),
  };
}
