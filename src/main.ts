import { StopSignals } from './service/stop-signals';

// Before the imports that follow: they take a second, in which a signal would end the process by itself.
const signals = StopSignals.handled();

import { runService } from './service/service';

void runService(process.env, signals);
