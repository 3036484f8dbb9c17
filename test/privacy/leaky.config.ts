import { defineConfig } from 'vitest/config';

// The suite's own setup over one file that leaks on purpose; `leaks.test.ts` runs it and wants it to fail.
export default defineConfig({
  test: {
    include: ['test/privacy/leaky.ts'],
    setupFiles: ['test/privacy/setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
  },
});
