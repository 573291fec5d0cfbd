import { setFlagsFromString } from 'node:v8';

// Collect when the heap has grown by a fifth: V8 would wait until it is four times as large. Takes a
// fifth off the memory under load (decision 7). Before the imports, which grow the heap.
setFlagsFromString('--heap-growing-percent=20');

import { StopSignals } from './service/stop-signals';

// Before them, too: they take a second, in which a signal would end the process by itself.
const signals = StopSignals.handled();

import { runService } from './service/service';

void runService(process.env, signals);
