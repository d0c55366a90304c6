import { RetryableError } from '../../core/errors/app-error.ts';
import { createFairPool, type FairPool } from '../../core/fair-pool.ts';

/** Somebody without an account: of which workspace the link or webhook is that they come by, and from which network. */
export interface Visitor {
  readonly workspace: string;
  readonly network: string;
}

/** Who sends or fetches a file: an account by its id, or a visitor. */
export type TransferOwner = string | Visitor;

interface TransferTurn {
  readonly owner: TransferOwner;
  readonly signal: AbortSignal;
  readonly patience: AbortSignal;
}

/** Places for one direction. Visitors have places of their own: however many come, accounts find theirs. */
export interface TransferPool {
  /** Resolves, when the turn has come, to what gives the place back. Throws RATE_LIMITED where it does not come. */
  enter(turn: TransferTurn): Promise<() => void>;
  /** Transfers of accounts under way, and those in line. */
  counts(): ReturnType<FairPool['counts']>;
}

/** Files on their way in and out: each holds a connection, a descriptor and a place in the store. */
export interface TransferTurns {
  readonly uploads: TransferPool;
  readonly downloads: TransferPool;
}

interface Places {
  readonly places: number;
  readonly maxPerOwner: number;
  readonly maxWaitingPerOwner: number;
}

/** A browser sends and asks for six files at once, one behind a newer proxy for a hundred; the rest waits a moment. */
const uploadPlaces: Places = { places: 96, maxPerOwner: 12, maxWaitingPerOwner: 200 };
/** Below the connections that a store keeps for downloads, with those of visitors. */
const downloadPlaces: Places = { places: 192, maxPerOwner: 24, maxWaitingPerOwner: 1_000 };

/** Those of visitors: half as many for one workspace as there are, and a quarter of these for one network of its visitors. */
const visitorUploads: Places = { places: 48, maxPerOwner: 24, maxWaitingPerOwner: 400 };
const visitorDownloads: Places = { places: 64, maxPerOwner: 32, maxWaitingPerOwner: 1_000 };
const networkShare = 1 / 4;

/** Longer than the files before it usually take; then the client is told to come back. */
const patienceMs = 120_000;

/** Places for transfers of one server, in turns among users. */
export function createTransferTurns(): TransferTurns {
  return {
    uploads: createTransferPool('uploads', uploadPlaces, visitorUploads),
    downloads: createTransferPool('downloads', downloadPlaces, visitorDownloads),
  };
}

function createTransferPool(what: string, ofAccounts: Places, ofVisitors: Places): TransferPool {
  const poolOf = (places: Places): FairPool => createFairPool({ ...places, busy: () => busy(what) });
  const accounts = poolOf(ofAccounts);
  const workspaces = poolOf(ofVisitors);
  // Never full by itself: it holds back those of one network before they wait among those of their workspace.
  const networks = poolOf({
    places: Number.MAX_SAFE_INTEGER,
    maxPerOwner: Math.floor(ofVisitors.maxPerOwner * networkShare),
    maxWaitingPerOwner: ofVisitors.maxWaitingPerOwner,
  });

  return {
    counts: () => accounts.counts(),
    enter: async ({ owner, signal, patience }) => {
      if (typeof owner === 'string') return accounts.enter({ owner, signal, patience });
      const { workspace, network } = owner;
      const leaveNetwork = await networks.enter({ owner: `${workspace} ${network}`, signal, patience });
      try {
        const leave = await workspaces.enter({ owner: workspace, signal, patience });
        return () => {
          leave();
          leaveNetwork();
        };
      } catch (error) {
        leaveNetwork();
        throw error;
      }
    },
  };
}

/** In whose turns what visitors of a workspace bring and look at is decoded: after their own, not after its members'. */
export function visitorsOf(workspaceId: string): string {
  return `visitors of ${workspaceId}`;
}

/** How long a request waits for its turn. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(patienceMs);
}

function busy(what: string): RetryableError {
  return new RetryableError('RATE_LIMITED', `Too many of your ${what} are under way. Try again in a moment.`, {
    retryAfterMs: 2_000,
  });
}
