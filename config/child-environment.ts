/** The environment of this process, as a child of it gets it; what is set already goes before what is added. */
export function childEnvironment(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...added, ...process.env };
}
