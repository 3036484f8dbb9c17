import { HubError, type Retry } from './hub-error.ts';

/** What `fetch` hides in its error's cause, in words. */
const REASONS: Readonly<Record<string, readonly [reason: string, retry: Retry]>> = {
  ENOTFOUND: ['its name cannot be resolved', 'offline'],
  EAI_AGAIN: ['its name cannot be resolved at the moment', 'offline'],
  ECONNREFUSED: ['the connection was refused', 'offline'],
  ENETUNREACH: ['there is no way to its network', 'offline'],
  ENETDOWN: ['the network is down', 'offline'],
  EHOSTUNREACH: ['there is no way to it', 'offline'],
  EHOSTDOWN: ['it is down', 'offline'],
  EADDRNOTAVAIL: ['there is no network interface to use', 'offline'],
  ETIMEDOUT: ['the connection timed out', 'offline'],
  UND_ERR_CONNECT_TIMEOUT: ['the connection timed out', 'offline'],
  ECONNRESET: ['the connection was cut', 'yes'],
  EPIPE: ['the connection was cut', 'yes'],
  UND_ERR_SOCKET: ['the connection was cut', 'yes'],
  UND_ERR_HEADERS_TIMEOUT: ['it did not answer in time', 'yes'],
  UND_ERR_BODY_TIMEOUT: ['it fell silent', 'yes'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['it sent less than it announced', 'yes'],
};

/** Codes that OpenSSL gives for a certificate that cannot be trusted. */
const CERTIFICATE = /CERT|ISSUER|SIGNATURE|ALTNAME/;

/**
 * Turns what `fetch` or a body's reader threw into a `HubError` that says what happened. Errors that are none of the
 * network's (an abort, our own) pass through as they are.
 */
export function networkFailure(error: unknown, host: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const code = codeOf(error);
  if (CERTIFICATE.test(code)) {
    return new HubError(
      'HUB_UNREACHABLE',
      `${host} shows a certificate that cannot be trusted (${code}). Behind a company's proxy, name its certificate file in NODE_EXTRA_CA_CERTS; otherwise check this machine's clock.`,
      { cause: error },
    );
  }
  const [reason, retry] = REASONS[code] ?? [error.message, 'yes'];
  return new HubError(
    'HUB_UNREACHABLE',
    `${host} cannot be reached: ${reason}${code === '' ? '' : ` (${code})`}. Check the network, or set MODEL_HOST to a mirror.`,
    { cause: error, retry },
  );
}

/** The first system code in the chain of causes; a host with several addresses fails with one error for each. */
function codeOf(error: unknown): string {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, errors, cause } = current as { code?: unknown; errors?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    current = Array.isArray(errors) ? errors[0] : cause;
  }
  return '';
}
