import { AttachmentError } from '../../bot/attachment-error.ts';
import type { AttachmentRef } from '../../bot/request.ts';
import { boundedDownload } from '../bounded-download.ts';
import type { SlackFile } from './history.ts';

/** Longer texts are beyond any model here, and beyond what people mean by a text. */
const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 30_000;

export interface FileAccess {
  /** Sent to Slack's own file hosts, and to no other. */
  readonly token: string;
  /** Where the API is: a server that stands in for Slack keeps its files itself. */
  readonly apiUrl: string;
  /** @defaultValue 30,000 */
  readonly timeoutMs?: number;
}

/** The files that came with a message, to be fetched when a task reads them. */
export function fileRefs(files: readonly SlackFile[] = []): readonly AttachmentRef[] {
  return files.map(({ name, size, url_private_download, url_private }) => ({
    name: name || 'the file',
    location: url_private_download ?? url_private ?? '',
    ...(size !== undefined && { size }),
  }));
}

/**
 * A file's bytes.
 *
 * @throws AttachmentError
 */
export async function fetchFile(
  { location, name, size }: AttachmentRef,
  access: FileAccess,
): Promise<Uint8Array> {
  if (!isSlacks(location, access.apiUrl)) {
    throw new AttachmentError(
      'UNREADABLE',
      `${name} does not lie in Slack itself, and I fetch nothing from elsewhere. Upload it, or paste the text.`,
    );
  }
  if ((size ?? 0) > MOST_BYTES) throw tooLarge(name);
  const headers = { authorization: `Bearer ${access.token}` };
  const limits = { mostBytes: MOST_BYTES, timeoutMs: access.timeoutMs ?? TIMEOUT_MS };
  const downloaded = await boundedDownload(location, headers, limits).catch((cause: unknown) => {
    throw new AttachmentError('UNREADABLE', `Slack did not hand out ${name}. Try again, or paste the text.`, {
      cause,
    });
  });
  switch (downloaded.kind) {
    case 'whole':
      return downloaded.bytes;
    case 'too large':
      throw tooLarge(name);
    case 'refused':
      throw downloaded.status === 404
        ? new AttachmentError('NOT_FOUND', `${name} is no longer there. Upload it again, or paste the text.`)
        : // Whoever may not read the file is sent to the login page.
          new AttachmentError(
            'UNREADABLE',
            `Slack does not let me read ${name}: the app may lack the permission files:read. Whoever runs me can reinstall it; until then, paste the text.`,
          );
  }
}

/** `files.slack.com` and its like (`files-edge.slack.com`, `slack-files.com`), encrypted. */
function isSlacks(location: string, apiUrl: string): boolean {
  if (!URL.canParse(location)) return false;
  const { protocol, hostname, origin } = new URL(location);
  if (protocol === 'https:' && /^(?:files[\w-]*\.slack|slack-files)\.com$/.test(hostname)) return true;
  const api = new URL(apiUrl);
  return api.hostname !== 'slack.com' && origin === api.origin;
}

function tooLarge(name: string): AttachmentError {
  return new AttachmentError(
    'TOO_LARGE',
    `${name} is larger than 1 MB. Give a part of it, or paste the text.`,
  );
}
