// Loaded into a program and its child processes before anything else (NODE_OPTIONS=--import): notes down where they connect
// to, one JSON object a line, whatever library does it. All of Node's ways out lead through these.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const file = process.env.PARLEY_TEST_CONNECTIONS;

function note(kind, target) {
  appendFileSync(file, `${JSON.stringify({ process: process.pid, kind, target })}\n`);
}

function before(object, name, look) {
  const original = object[name];
  object[name] = function (...args) {
    look(args);
    return original.apply(this, args);
  };
}

note('start', process.argv.slice(1).join(' '));

before(net.Socket.prototype, 'connect', (args) => {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const { path, host, port } =
    typeof first === 'object' && first !== null ? first : { port: first, host: second };
  // A pipe to another process of this machine goes nowhere.
  if (typeof path !== 'string') note('connect', `${host ?? 'localhost'}:${port}`);
});

// A lookup of an address asks nobody.
const asked = ([name]) => net.isIP(String(name)) === 0 && note('lookup', String(name));
for (const api of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  for (const name of Object.getOwnPropertyNames(api))
    if (/^(?:lookup|resolve|reverse)/u.test(name) && name !== 'lookupService') before(api, name, asked);

for (const name of ['send', 'connect']) before(dgram.Socket.prototype, name, () => note('datagram', name));

syncBuiltinESMExports();
