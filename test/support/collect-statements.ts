import { collect } from './statements';

// Before each file of tests, in its own modules.
collect();
