import { runSignInLink } from './sign-in-link.ts';

// A process of its own, since the command line imports no program.
runSignInLink(process.argv[2]);
