// Prints "PASSED FAILED" from vitest's JSON report, and on standard error how the boundary test did.
// Usage: node .ci/count.mjs REPORT STATUS, where STATUS is vitest's exit status.
import { readFileSync } from 'node:fs';

const [report, status] = process.argv.slice(2);
const { numPassedTests, numFailedTests, testResults } = read(report);

// A file that could not be loaded has failed, but has no tests to say so.
const brokenFiles = testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
);
let failed = numFailedTests + brokenFiles.length;

const boundaries = testResults.find((file) =>
  file.name.replaceAll('\\', '/').endsWith('/test/boundaries.test.ts'),
);
const kept = boundaries?.status === 'passed';
console.error(
  `== boundaries between rooms: ${kept ? 'kept' : boundaries === undefined ? 'not tested' : 'broken'}`,
);
if (boundaries === undefined) failed += 1;

// Vitest also fails for errors outside any test, such as an unhandled rejection.
if (failed === 0 && status !== '0') failed = 1;
console.log(`${numPassedTests} ${failed}`);

/** Without a report nothing is known to have passed. */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
    return { numPassedTests: 0, numFailedTests: 1, testResults: [] };
  }
}
