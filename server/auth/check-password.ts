import { RetryableError, TerminalError } from '../../core/errors/app-error.ts';
import { passwordWeakness } from '../../core/api/password.ts';
import { hashPassword, verifyPassword } from './password.ts';

/** Hashing takes 32 MiB and a core for a quarter of a second: more at once would starve everything else. */
const maxHashing = 4;

export interface PasswordChecker {
  /** Whether the password belongs to the stored hash; as slow where there is none. */
  isRight(password: string, stored: string | null): Promise<boolean>;
  /** Hashes a new password. Throws PASSWORD_WEAK. */
  hashNew(password: string, email: string): Promise<string>;
}

/** Checks and hashes passwords, a few at once. Throws RATE_LIMITED while all places are taken. */
export function createPasswordChecker(): PasswordChecker {
  let hashing = 0;

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (hashing >= maxHashing) {
      throw new RetryableError('RATE_LIMITED', 'Too many sign-ins at this moment. Try again in a second.', {
        retryAfterMs: 1_000,
      });
    }
    hashing += 1;
    try {
      return await work();
    } finally {
      hashing -= 1;
    }
  }

  return {
    isRight: (password, stored) => inTurn(() => verifyPassword(password, stored)),
    hashNew: async (password, email) => {
      const weakness = passwordWeakness(password, email);
      if (weakness !== null) throw new TerminalError('PASSWORD_WEAK', weakness);
      return inTurn(() => hashPassword(password));
    },
  };
}
