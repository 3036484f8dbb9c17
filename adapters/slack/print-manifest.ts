import { parseArgs } from 'node:util';
import { ConfigError } from '../../config/config-error.ts';
import { configFromProcess } from '../../config/from-process.ts';
import { creationLink, slackManifest } from './manifest.ts';

// `npm run slack:manifest`: the manifest goes to standard output and all else to standard error, so that it can be
// written into a file. `-- --url https://…/slack/events` is for being called over HTTP.
try {
  const { url } = parseArgs({ options: { url: { type: 'string' } } }).values;
  const { slackCommandPrefix } = configFromProcess().config;
  const manifest = slackManifest({
    prefix: slackCommandPrefix,
    ...(url !== undefined && { requestUrl: url }),
  });
  process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
  process.stderr.write(`\nOpen this link to make the app from the manifest:\n\n${creationLink(manifest)}\n`);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
