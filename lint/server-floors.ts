/** A folder of server/, and what of server/ it stands on. */
export interface ServerFloor {
  readonly folder: string;
  readonly standsOn: readonly string[];
  /** Why; it is what the linter says. */
  readonly message: string;
}

/** The floors of server/, the lowest first. What lies in server/ itself puts the floors together, so it may import all of them. */
export const serverFloors: readonly ServerFloor[] = [
  {
    folder: 'limits',
    standsOn: [],
    message: 'server/limits counts; it knows nothing of what is counted.',
  },
  {
    folder: 'request',
    standsOn: ['limits'],
    message: 'server/request reads facts off a request; what follows from them is decided above.',
  },
  {
    folder: 'audit',
    standsOn: ['limits', 'request'],
    message: 'server/audit writes down what it is told.',
  },
  {
    folder: 'graphs',
    standsOn: ['limits'],
    message: 'server/graphs checks graphs, whoever sent them.',
  },
  {
    folder: 'runs',
    standsOn: ['limits'],
    message: 'server/runs plans runs and waits for them; requests and answers are not its business.',
  },
  {
    folder: 'auth',
    standsOn: ['limits', 'request', 'audit'],
    message: 'server/auth finds out who is asking; what they ask for is the business of http/ and routes/.',
  },
  {
    folder: 'http',
    standsOn: ['limits', 'request', 'audit', 'auth'],
    message: 'server/http carries any route; it knows none of them.',
  },
  {
    folder: 'live',
    standsOn: ['limits', 'request', 'auth', 'http'],
    message: 'server/live sends events; routes are another door to the same things.',
  },
  {
    folder: 'routes',
    standsOn: ['limits', 'request', 'audit', 'graphs', 'runs', 'auth', 'http'],
    message: 'server/routes answers requests; live connections are another door to the same things.',
  },
];

/** Files of a floor, and regular expressions of what they may not import: floors above, and what puts floors together. */
export interface FloorFiles {
  readonly files: readonly string[];
  readonly refused: readonly string[];
}

/** The files of a floor by their depth: how far it is up to server/ itself depends on it. */
export function filesOfFloor({ folder, standsOn }: ServerFloor): readonly FloorFiles[] {
  const above = serverFloors.map((floor) => floor.folder).filter((name) => name !== folder && !standsOn.includes(name));
  const floors = `^(\\.\\./)+(${above.join('|')})/`;
  return [
    { files: [`server/${folder}/*.ts`], refused: [floors, '^\\.\\./[^/.]+\\.ts$'] },
    { files: [`server/${folder}/*/*.ts`], refused: [floors, '^\\.\\./\\.\\./[^/.]+\\.ts$'] },
  ];
}
