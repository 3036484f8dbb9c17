import { afterAll } from 'vitest';
import { expectNoLeaks, listenToLoggers } from './written.ts';

// Before every test file of the suite: whatever its tests let people say on the fake platforms, and whatever tokens those
// have given out, must not be found in what the loggers and programs have written meanwhile.

listenToLoggers();
afterAll(expectNoLeaks);
