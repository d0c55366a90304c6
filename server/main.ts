import { runServer } from './program.ts';

// The server process.
runServer();
