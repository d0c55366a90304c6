import { runServer } from '../server/program.ts';
import { probedNodes } from './probe-node.ts';

// The server of the product, which takes graphs with probes.
runServer({ catalogue: probedNodes.catalogue });
