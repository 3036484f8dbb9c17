import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

interface Noted {
  readonly process: number;
  readonly kind: 'start' | 'connect' | 'lookup' | 'datagram';
  readonly target: string;
}

/** Notes down every way out that a program and its child processes take. */
export interface Recorder {
  /** For the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Hosts with ports that were connected to, names that were looked up, datagrams; each once. */
  targets(): readonly string[];
  /** Processes whose command line has that in it. */
  processes(name: string): readonly number[];
  /** What one process did, its start left out. */
  of(process: number): readonly string[];
}

export async function recordConnections(): Promise<Recorder> {
  const file = path.join(await temporaryFolder(), 'connections');
  const recorder = new URL('./connections-recorder.mjs', import.meta.url).href;
  const noted = (): readonly Noted[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const told = (one: Noted) => (one.kind === 'connect' ? one.target : `${one.kind} ${one.target}`);
  return {
    env: { NODE_OPTIONS: `--import=${recorder}`, PARLEY_TEST_CONNECTIONS: file },
    targets: () => [...new Set(noted().flatMap((one) => (one.kind === 'start' ? [] : [told(one)])))].sort(),
    processes: (name) =>
      noted().flatMap((one) => (one.kind === 'start' && one.target.includes(name) ? [one.process] : [])),
    of: (process) =>
      noted().flatMap((one) => (one.process === process && one.kind !== 'start' ? [told(one)] : [])),
  };
}

/**
 * The far ends of a process's open internet sockets as Linux knows them, whoever opened them: native code too.
 * `127.0.0.1:8080`, or the kernel's own spelling of an IPv6 address.
 */
export function openSockets(process: number): readonly string[] {
  const own = new Set(
    readdirSync(`/proc/${process}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/u.exec(readlinkSync(`/proc/${process}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/${process}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/u))
      .filter(([, , remote = '', , , , , , , inode = '']) => own.has(inode) && !/^0+:0000$/u.test(remote))
      .map(([, , remote = '']) => readable(remote)),
  );
}

/** `0100007F:1F90` → `127.0.0.1:8080` */
function readable(remote: string): string {
  const [address = '', port = ''] = remote.split(':');
  if (address.length !== 8) return remote;
  const bytes = [...Buffer.from(address, 'hex')].reverse();
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
}
