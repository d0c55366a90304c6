import type { Migration } from 'kysely';
import * as initial from './0001-initial.ts';
import * as continuations from './0002-continuations.ts';
import * as recentRuns from './0003-recent-runs.ts';
import * as invariantChecks from './0004-invariant-checks.ts';
import * as rateBuckets from './0005-rate-buckets.ts';
import * as accounts from './0006-accounts.ts';
import * as runTurns from './0007-run-turns.ts';
import * as workerDrains from './0008-worker-drains.ts';
import * as providerKeys from './0010-provider-keys.ts';
import * as startsInGroups from './0011-starts-in-groups.ts';
import * as externalAccounts from './0012-external-accounts.ts';
import * as endsOfAccess from './0013-ends-of-access.ts';
import * as assetRoom from './0014-asset-room.ts';
import * as userData from './0015-user-data.ts';
import * as unrecordedAttempts from './0016-unrecorded-attempts.ts';
import * as sharedOutputs from './0017-shared-outputs.ts';
import * as loneAttempts from './0018-lone-attempts.ts';
import * as auditShares from './0019-audit-shares.ts';
import * as soundFacts from './0020-sound-facts.ts';
import * as branches from './0021-branches.ts';
import * as waits from './0022-waits.ts';
import * as regions from './0023-regions.ts';
import * as publishedVersions from './0024-published-versions.ts';
import * as triggers from './0025-triggers.ts';
import * as secrets from './0028-secrets.ts';
import * as restingRuns from './0030-resting-runs.ts';
import * as nestedRegions from './0033-nested-regions.ts';
import * as oidc from './0029-oidc.ts';
import * as workspaces from './0031-workspaces.ts';
import * as peopleOfWorkspaces from './0032-people-of-workspaces.ts';
import * as providerJobs from './0035-provider-jobs.ts';
import * as modelCalls from './0036-model-calls.ts';
import * as batches from './0037-batches.ts';
import * as callbacks from './0038-callbacks.ts';
import * as endsOfWorkflows from './0039-ends-of-workflows.ts';
import * as stars from './0040-stars.ts';
import * as shownAddresses from './0041-shown-addresses.ts';
import * as lookedAtLater from './0042-looked-at-later.ts';
import * as pausedRegions from './0044-paused-regions.ts';
import * as appLinks from './0046-app-links.ts';
import * as newFiles from './0047-new-files.ts';
import * as directModelCalls from './0048-direct-model-calls.ts';
import * as storedLists from './0049-stored-lists.ts';
import * as whoPausedAList from './0050-who-paused-a-list.ts';
import * as eventsByTime from './0053-events-by-time.ts';
import * as eventPartitions from './0054-event-partitions.ts';
import * as learnedLimits from './0055-learned-limits.ts';
import * as elementsAgain from './0056-elements-again.ts';

/** Every migration in order. A new one is a file and a line here; they only ever go forward. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-continuations': continuations,
  '0003-recent-runs': recentRuns,
  '0004-invariant-checks': invariantChecks,
  '0005-rate-buckets': rateBuckets,
  '0006-accounts': accounts,
  '0007-run-turns': runTurns,
  '0008-worker-drains': workerDrains,
  '0010-provider-keys': providerKeys,
  '0011-starts-in-groups': startsInGroups,
  '0012-external-accounts': externalAccounts,
  '0013-ends-of-access': endsOfAccess,
  '0014-asset-room': assetRoom,
  '0015-user-data': userData,
  '0016-unrecorded-attempts': unrecordedAttempts,
  '0017-shared-outputs': sharedOutputs,
  '0018-lone-attempts': loneAttempts,
  '0019-audit-shares': auditShares,
  '0020-sound-facts': soundFacts,
  '0021-branches': branches,
  '0022-waits': waits,
  '0023-regions': regions,
  '0024-published-versions': publishedVersions,
  '0025-triggers': triggers,
  '0028-secrets': secrets,
  '0029-oidc': oidc,
  '0030-resting-runs': restingRuns,
  '0031-workspaces': workspaces,
  '0032-people-of-workspaces': peopleOfWorkspaces,
  '0033-nested-regions': nestedRegions,
  '0035-provider-jobs': providerJobs,
  '0036-model-calls': modelCalls,
  '0037-batches': batches,
  '0038-callbacks': callbacks,
  '0039-ends-of-workflows': endsOfWorkflows,
  '0040-stars': stars,
  '0041-shown-addresses': shownAddresses,
  '0042-looked-at-later': lookedAtLater,
  '0044-paused-regions': pausedRegions,
  '0046-app-links': appLinks,
  '0047-new-files': newFiles,
  '0048-direct-model-calls': directModelCalls,
  '0049-stored-lists': storedLists,
  '0050-who-paused-a-list': whoPausedAList,
  '0053-events-by-time': eventsByTime,
  '0054-event-partitions': eventPartitions,
  '0055-learned-limits': learnedLimits,
  '0056-elements-again': elementsAgain,
};
