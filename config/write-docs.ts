import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GeneratedPart, writeParts } from './generated-docs.ts';

// The modules named on the command line export `generatedParts`. So every room can have its own without this room
// importing it; package.json puts them together.
const project = path.resolve(import.meta.dirname, '..');
for (const file of process.argv.slice(2)) {
  const module = (await import(pathToFileURL(path.resolve(project, file)).href)) as {
    readonly generatedParts: readonly GeneratedPart[];
  };
  const changed = writeParts(module.generatedParts, project);
  console.log(`${file}: ${changed.length === 0 ? 'nothing to change' : `wrote ${changed.join(', ')}`}`);
}
