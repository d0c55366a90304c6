import { runServer } from '../server/program.ts';
import { probedNodes } from './probe-node.ts';
import { reportHeapOnSignal } from './report-heap.ts';

// The server of the product, which takes graphs with probes.
reportHeapOnSignal();
runServer({ catalogue: probedNodes.catalogue });
