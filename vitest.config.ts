import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Nothing that people write, and no token, may be logged: asked of every test file.
    setupFiles: ['test/privacy/setup.ts', 'test/fixtures/properties.ts'],
    // Real processes, real models: a test that hangs is a bug, but a loaded two-core machine is not.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // As many as the smallest machine has cores; by default a two-core machine would use one of them.
    maxWorkers: 2,
  },
});
