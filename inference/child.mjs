// Starts one of this room's child processes: `child.mjs MODULE FUNCTION`. The loader that makes TypeScript runnable is taken
// off again before the module's work begins, because it would rewrite transformers.js too: 140 MB and 300 ms for nothing.
import { register } from 'tsx/esm/api';

const [, , module, entry] = process.argv;
const unregister = register();
const loaded = await import(new URL(module, import.meta.url).href);
await unregister();
await loaded[entry]();
