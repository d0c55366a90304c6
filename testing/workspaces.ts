import { workspaceListSchema, workspaceMemberListSchema } from '../core/api/workspaces.ts';
import { startTestServer, type TestServer, type TestUser } from './test-server.ts';

type Member = Awaited<ReturnType<TestServer['signIn']>>;

/** A server and people who share workspaces on it. */
export interface WorkspacesOfTest {
  readonly server: TestServer;
  readonly ada: Member;
  readonly ben: Member;
  /** Of the installation. */
  readonly owner: Member;
  /** A new workspace of Ada's, made by her. */
  makeWorkspace(name?: string): Promise<string>;
  /** Adds or invites whoever has the address; Ada does so unless somebody else is named. */
  add(id: string, email: string, role: string, by?: TestUser): ReturnType<TestUser['call']>;
}

/** Starts the server. Its duties, which would tell callbacks before a test does, are not done. */
export async function startWorkspaces(): Promise<WorkspacesOfTest> {
  const server = await startTestServer({}, { doesDuties: false });
  const join = async (role?: 'owner') => server.signIn(await server.addUser(role));
  const [ada, ben, owner] = await Promise.all([join(), join(), join('owner')]);
  return {
    server,
    ada,
    ben,
    owner,
    makeWorkspace: async (name = 'Team') => {
      const { status, body } = await ada.call('POST', '/api/workspaces', { body: { name } });
      if (status !== 201) throw new Error(`No workspace was made: ${JSON.stringify(body)}`);
      return body.id;
    },
    add: (id, email, role, by = ada) => by.call('POST', `/api/workspaces/${id}/members`, { body: { email, role } }),
  };
}

/** Those that somebody is a member of. */
export const workspacesOf = async (user: TestUser) =>
  workspaceListSchema.parse((await user.call('GET', '/api/workspaces')).body).items;

/** As the user is shown them. */
export const membersOf = async (user: TestUser, id: string) =>
  workspaceMemberListSchema.parse((await user.call('GET', `/api/workspaces/${id}/members`)).body);

/** How a request ends. */
export const answer = async (user: TestUser, method: string, path: string, body?: unknown) => {
  const { status, body: problem } = await user.call(method, path, { body });
  return { status, code: problem.code };
};
