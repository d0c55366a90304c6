import type { Socket } from 'socket.io';
import type { Credentials, Principal } from '../auth/principal.ts';

/** What a connection has proved; changes when the client renews its token. */
export interface SocketData {
  principal: Principal;
  credentials: Credentials;
  /** Gives up the connection's place among those of its user. */
  leave: () => void;
  /** What it follows, by name, with the workspace that it is of. */
  followed: () => ReadonlyMap<string, string>;
}

/** A connection of the browser, signed in. */
export type LiveSocket = Socket<Record<string, never>, Record<string, never>, Record<string, never>, SocketData>;
