import { describe, expect, test } from '@jest/globals';
import { recordingLogger } from '../testing/engine.ts';
import { startWhenAnswered } from './start-when-answered.ts';

/** What node-postgres throws for an answer of Postgres. */
const answer = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('security case 14: a start', () => {
  test.each([
    ['57P03', 'the database system is starting up'],
    ['57P03', 'the database system is not yet accepting connections'],
    ['57P03', 'the database system is in recovery mode'],
    ['57P03', 'the database system is shutting down'],
    ['57P01', 'terminating connection due to administrator command'],
    ['53300', 'sorry, too many clients already'],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ])('waits for a Postgres that says %s %s, and tells of it', async (code, message) => {
    const logger = recordingLogger();
    let tries = 0;
    const open = async () => {
      tries += 1;
      if (tries < 4) throw answer(code, message);
      return 'open';
    };
    expect(await startWhenAnswered(open, { logger, pauseMs: 1 })).toBe('open');
    expect(tries).toBe(4);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { err: { message } } }]);
  });

  test.each([
    ['28P01', 'password authentication failed for user "heddle"'],
    ['3D000', 'database "hedle" does not exist'],
    ['28000', 'no pg_hba.conf entry for host'],
  ])('ends at once for a Postgres that says %s %s', async (code, message) => {
    const logger = recordingLogger();
    let tries = 0;
    const open = async () => {
      tries += 1;
      throw answer(code, message);
    };
    await expect(startWhenAnswered(open, { logger, pauseMs: 1 })).rejects.toThrow(message);
    expect([tries, logger.lines.length]).toEqual([1, 0]);
  });

  test('ends with one plain line when it has waited long enough', async () => {
    const refused = answer('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432');
    const open = async () => {
      throw Object.assign(new AggregateError([refused], ''), { code: 'ECONNREFUSED' });
    };
    const started = startWhenAnswered(open, { logger: recordingLogger(), forMs: 5, pauseMs: 1 });
    await expect(started).rejects.toThrow(
      /^Postgres could not be used for 0 s: connect ECONNREFUSED ::1:5432\. Start it/,
    );
  });
});
