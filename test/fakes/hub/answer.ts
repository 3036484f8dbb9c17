import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Fault } from './fault.ts';

/** An answer before anything went wrong with it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: Buffer;
}

/** Sends an answer, with the fault that was asked for. */
export async function send(
  response: ServerResponse,
  method: string,
  answer: Answer,
  fault: Fault = {},
): Promise<void> {
  if (fault.cutAfter === 0) {
    response.destroy();
    return;
  }
  const { status, headers, body } = broken(answer, fault);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(status);
  if (method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  await sendBody(response, body ?? Buffer.alloc(0), fault);
}

function broken(answer: Answer, fault: Fault): Answer {
  if (fault.page !== undefined) {
    return {
      status: fault.status ?? 200,
      headers: { 'content-type': 'text/html' },
      body: Buffer.from(fault.page),
    };
  }
  if (fault.status !== undefined) return { status: fault.status, headers: fault.headers ?? {} };
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

async function sendBody(response: ServerResponse, body: Buffer, fault: Fault): Promise<void> {
  const { cutAfter, pauseAfter, until, pieceBytes, piece } = fault;
  if (cutAfter !== undefined) {
    await write(response, body.subarray(0, cutAfter));
    response.destroy();
  } else if (pauseAfter !== undefined) {
    await write(response, body.subarray(0, pauseAfter));
    await Promise.race([until, once(response, 'close')]);
    if (!response.destroyed) response.end(body.subarray(pauseAfter));
  } else if (pieceBytes !== undefined) {
    for (let at = 0; at < body.length && !response.destroyed; at += pieceBytes) {
      await Promise.race([piece?.(at / pieceBytes), once(response, 'close')]);
      await write(response, body.subarray(at, at + pieceBytes));
    }
    response.end();
  } else {
    response.end(body);
  }
}

/** Resolves when the bytes have left for the other side. */
async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.write(bytes, () => resolve());
  });
}
