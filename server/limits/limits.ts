import type { InstallationLimits } from '../../config/limits.ts';
import type { RunQueueLimits } from '../../engine/runs/run-queue-limit.ts';
import type { RateLimit, RateTable } from './rate-table.ts';

/** What a JSON body may look like; counted before it is parsed. */
export interface JsonLimits {
  /** Bytes of the whole body. */
  readonly maxBytes: number;
  /** Arrays and objects inside each other. */
  readonly maxDepth: number;
  /** Object keys in all. */
  readonly maxKeys: number;
  /** Values in all: what stands in arrays and objects. */
  readonly maxValues: number;
  /** Bytes of one string. */
  readonly maxStringBytes: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** A workflow of 500 nodes with long prompts stays below 1 MiB; 2 MiB leaves room and parses in about 0.1 s. */
export const jsonLimits: JsonLimits = {
  maxBytes: 2 * MiB,
  // React Flow data is about 8 deep.
  maxDepth: 32,
  // 500 nodes and 2,000 edges have about 12,000 keys.
  maxKeys: 20_000,
  // Each key has one, and the longest list that is taken has 10,000 ids.
  maxValues: 25_000,
  // Longer texts and all images go into assets.
  maxStringBytes: 256 * KiB,
};

/** What people without an account send to come in: an address, a password, a name. */
export const signInJsonLimits: JsonLimits = { ...jsonLimits, maxBytes: 16 * KiB };

/** Ten thousand rows of a few short values each; longer texts and files are uploaded first. */
export const batchJsonLimits: JsonLimits = { ...jsonLimits, maxBytes: 8 * MiB, maxKeys: 200_000, maxValues: 300_000 };

/** Base64 images may travel in a direct model call: 16 of them share 16 MiB, one string may be nearly all of it. */
export const llmJsonLimits: JsonLimits = { ...jsonLimits, maxBytes: 16 * MiB, maxStringBytes: 15 * MiB };

/** A message of the identity provider is a few KiB; one of a person with many addresses still far below this. */
export const webhookBodyLimits = { maxBytes: 256 * KiB };

/** What arrives at webhooks is kept in the database as it came; larger content is named by its address. */
export const hookBodyLimits: JsonLimits = { ...jsonLimits, maxBytes: MiB, maxStringBytes: MiB };

/** The listening socket. All times in milliseconds. */
export const httpLimits = {
  // A client sends its headers in one go; 10 s is generous even on a bad line.
  headersTimeoutMs: 10_000,
  // JSON bodies are at most 16 MiB: a minute is enough at 2 Mbit/s.
  bodyTimeoutMs: 60_000,
  // 500 MiB at 2 Mbit/s take 35 minutes; Node applies this to every request, so JSON has bodyTimeoutMs of its own.
  requestTimeoutMs: 40 * 60_000,
  // Longer than the 60 s that proxies keep an idle connection, so that the proxy closes first.
  keepAliveTimeoutMs: 65_000,
  // Cookies and a bearer token fit into 8 KiB.
  maxHeaderBytes: 16 * KiB,
  // Each idle connection costs about 10 KiB; 2,000 are far below the usual descriptor limit.
  maxConnections: 2_000,
  // A browser opens six, and an office behind one router has some dozens of browsers. Of IPv6 a /64 counts as one address. Behind a proxy all come from one address, so there it is not counted.
  maxConnectionsPerAddress: 500,
  // Of one IPv6 network of the size that a customer of a provider has (/48).
  maxConnectionsPerWideNetwork: 1_000,
} as const;

/** Live connections. */
export const socketLimits = {
  // One for each open tab, with room to spare.
  maxSocketsPerUser: 10,
  // Of one address, before they have said who they are, which takes a moment; an office that comes back at once finds room.
  maxArrivingPerAddress: 500,
  // A workflow and its latest runs for each of several open tabs.
  maxSubscriptions: 50,
  // Subscriptions are the largest messages that clients send, and they are tiny.
  maxMessageBytes: 64 * KiB,
  // Opening a run history page subscribes to a handful at once.
  maxJoins: 20,
  joinWindowMs: 10_000,
  // A person causes a few messages a second; a client that floods is closed.
  maxMessages: 200,
  messagesPerSecond: 20,
  // Safety net under lost notices.
  pollIntervalMs: 2_000,
  // A revoked session or key loses its sockets within this time.
  recheckIntervalMs: 30_000,
} as const;

/** Ten tries, then one every 90 seconds: 10 in 15 minutes for one account and address. */
export const signInRate: RateLimit = { burst: 10, perSecond: 10 / (15 * 60) };

/**
 * Fifty tries, then one a minute, for one account from everywhere: half a million a year, which no password that is
 * taken falls to. Its owner's browsers are not counted.
 */
const signInAccountRate: RateLimit = { burst: 50, perSecond: 1 / 60 };

/** Wrong keys and cookies from one address: far above a mistyped script, far below guessing. */
const badCredentialRate: RateLimit = { burst: 300, perSecond: 1 };

/** What of a server's limits an operator may set. */
export interface ConfigurableLimits extends InstallationLimits {
  readonly rates: RateTable;
  readonly runQueue: RunQueueLimits;
}

/** Opening the app takes about 20 requests, and working in it a few a second. */
export const defaultApiRate: RateLimit = { burst: 300, perSecond: 25 };

/** A canvas shows a preview in each of its 500 nodes, and browsers ask for all of them at once. */
export const defaultFileRate: RateLimit = { burst: 3_000, perSecond: 300 };

/** A person starts a few runs a minute; a script that starts more waits in between. */
export const defaultRunStartRate: RateLimit = { burst: 60, perSecond: 1 };

/** One address may try for several accounts, as an office behind one router does, but not for many. */
const accountsPerAddress = 5;

/** A push to a busy repository sends dozens of messages at once; what goes on for longer waits in line at the sender. */
const hookRate: RateLimit = { burst: 300, perSecond: 10 };

/** Somebody who sets up a webhook sees each try; whoever only knows the address fills nothing. */
const refusedHookRate: RateLimit = { burst: 30, perSecond: 0.2 };

/** A class of thirty, behind one address, opens a link at once, and each of them looks at a dozen pictures. */
const linkVisitorRate: RateLimit = { burst: 1_000, perSecond: 50 };

/** Five such classes together: one that never stops leaves room for the others. */
const linkRate: RateLimit = { burst: 5_000, perSecond: 250 };

/** A person starts a run and brings some files for it; whoever goes on for longer waits. */
const linkStartRate: RateLimit = { burst: 30, perSecond: 0.2 };

/** All that come by a link together; its maker has a limit of runs besides. */
const linkRunRate: RateLimit = { burst: 60, perSecond: 0.5 };

/** A script that changes its keys each minute goes on; one that makes and revokes them without end does not fill the database. */
const credentialRate: RateLimit = { burst: 300, perSecond: 1 / 60 };

/** The buckets of an installation. */
export function rateTable(config: { readonly apiRate: RateLimit; readonly runStartRate: RateLimit }): RateTable {
  return {
    api: config.apiRate,
    files: defaultFileRate,
    // Open to anybody, and shared by everybody behind one router.
    address: {
      burst: config.apiRate.burst * accountsPerAddress,
      perSecond: config.apiRate.perSecond * accountsPerAddress,
    },
    badCredential: badCredentialRate,
    signIn: signInRate,
    signInAddress: { ...signInRate, burst: signInRate.burst * accountsPerAddress },
    signInAccount: signInAccountRate,
    hook: hookRate,
    refusedHook: refusedHookRate,
    link: linkRate,
    linkVisitor: linkVisitorRate,
    linkStart: linkStartRate,
    linkRun: linkRunRate,
    credential: credentialRate,
    runStart: config.runStartRate,
  };
}

/** A batch of hundreds goes through; a script that never stops does not fill the queue for all others. */
export const defaultRunQueue: RunQueueLimits = { maxWaitingPerUser: 200, maxWaiting: 20_000 };
