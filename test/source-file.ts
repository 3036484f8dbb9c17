import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { parseSync } from 'oxc-parser';

/** What the boundary rules need to know of one file. */
export interface SourceFile {
  /** Relative to the project's folder, with forward slashes. */
  readonly path: string;
  readonly lines: number;
  /**
   * The project's files that it names in imports, re-exports, `import()`, type imports, `require` and
   * `new URL('…', import.meta.url)`, as paths from the project's folder.
   */
  readonly files: readonly string[];
  /** The packages that it names likewise, without inner paths; Node's own modules are none. */
  readonly packages: readonly string[];
  readonly readsEnvironment: boolean;
}

const project = path.resolve(import.meta.dirname, '..');

/** Every TypeScript file of these folders. */
export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  return filesIn(folders).map((file) => readSource(file, readFileSync(path.join(project, file), 'utf8')));
}

/** Their paths, relative to the project's folder, with forward slashes. */
export function filesIn(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(project, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
      .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  );
}

/** Reads the syntax tree, not the text: a comment or a string that looks like an import is none. */
export function readSource(file: string, source: string): SourceFile {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const named = new Set<string>();
  let readsEnvironment = false;
  for (const node of nodesOf(program)) {
    const module = importOf(node);
    if (module !== undefined) named.add(module);
    readsEnvironment ||= isEnvironment(node);
  }
  return {
    path: file,
    lines: source.trimEnd().split('\n').length,
    files: [...named]
      .filter((one) => one.startsWith('.'))
      .map((one) => path.posix.join(path.posix.dirname(file), one)),
    packages: [...named].filter(isPackage).map(packageName),
    readsEnvironment,
  };
}

/** One node of the tree as plain data. */
type Node = Readonly<Record<string, unknown>>;

function* nodesOf(value: unknown): Iterable<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Node;
  for (const part of Object.values(value)) yield* nodesOf(part);
}

function importOf(node: Node): string | undefined {
  const first = Array.isArray(node.arguments) ? (node.arguments[0] as unknown) : undefined;
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node.source);
    case 'TSExternalModuleReference':
      return literal(node.expression);
    case 'CallExpression':
      return isResolver(node.callee) ? literal(first) : undefined;
    case 'NewExpression': {
      const isFile = nameOf(node.callee) === 'URL' && literal(first)?.startsWith('.');
      return isFile ? literal(first) : undefined;
    }
    default:
      return undefined;
  }
}

/** `require`, `require.resolve` and `import.meta.resolve`; not `path.resolve` or a promise's `resolve`. */
function isResolver(callee: unknown): boolean {
  const { type, object } = asNode(callee);
  if (type !== 'MemberExpression') return nameOf(callee) === 'require';
  return (
    nameOf(callee) === 'resolve' && (nameOf(object) === 'require' || asNode(object).type === 'MetaProperty')
  );
}

/** `process.env`, `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
function isEnvironment(node: Node): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return nameOf(node.object) === 'process' && (nameOf(node) ?? literal(node.property)) === 'env';
    case 'VariableDeclarator':
      return nameOf(node.init) === 'process' && propertiesOf(node.id).includes('env');
    case 'ImportDeclaration':
      return /^(node:)?process$/.test(literal(node.source) ?? '') && importedNames(node).includes('env');
    default:
      return false;
  }
}

function propertiesOf(pattern: unknown): readonly (string | undefined)[] {
  const { properties } = asNode(pattern);
  return Array.isArray(properties) ? properties.map((property) => nameOf(asNode(property).key)) : [];
}

function importedNames({ specifiers }: Node): readonly (string | undefined)[] {
  return Array.isArray(specifiers) ? specifiers.map((one) => nameOf(asNode(one).imported)) : [];
}

/** The last name of `a`, `b.a`. */
function nameOf(value: unknown): string | undefined {
  const node = asNode(value);
  if (node.type === 'Identifier') return String(node.name);
  return node.type === 'MemberExpression' && node.computed === false ? nameOf(node.property) : undefined;
}

function literal(value: unknown): string | undefined {
  const node = asNode(value);
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

function isPackage(named: string): boolean {
  return !/^(\.|node:|data:|file:|https?:)/.test(named) && !builtinModules.includes(named);
}

/** `@scope/name/inner.js` → `@scope/name` */
function packageName(named: string): string {
  return named
    .split('/')
    .slice(0, named.startsWith('@') ? 2 : 1)
    .join('/');
}
