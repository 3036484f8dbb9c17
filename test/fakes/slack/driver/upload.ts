import { extname } from 'node:path';
import { keepText } from '../../confidential.ts';
import type { ChannelRecord, FileRecord, UserRecord } from '../workspace/records.ts';
import type { World } from '../workspace/world.ts';

export interface NewFile {
  readonly name: string;
  readonly content: string | Buffer;
  /** From the name's ending where it is left out. */
  readonly mimetype?: string;
  /** A text snippet, as made in Slack's composer. */
  readonly snippet?: boolean;
}

const TYPES: Readonly<Record<string, readonly [filetype: string, mimetype: string]>> = {
  '.txt': ['text', 'text/plain'],
  '.md': ['markdown', 'text/markdown'],
  '.csv': ['csv', 'text/csv'],
  '.js': ['javascript', 'text/javascript'],
  '.json': ['json', 'application/json'],
  '.png': ['png', 'image/png'],
  '.pdf': ['pdf', 'application/pdf'],
};

export function upload(world: World, user: UserRecord, channel: ChannelRecord, file: NewFile): FileRecord {
  const [filetype, mimetype] = TYPES[extname(file.name)] ?? ['binary', 'application/octet-stream'];
  if (typeof file.content === 'string') keepText(file.content);
  const record: FileRecord = {
    id: world.ids.id('F'),
    name: file.name,
    title: file.name,
    filetype,
    mimetype: file.mimetype ?? mimetype,
    mode: file.snippet === true ? 'snippet' : 'hosted',
    content: Buffer.from(file.content),
    user: user.id,
    created: Math.floor(world.clock.now() / 1000),
    channels: new Set([channel.id]),
  };
  world.workspace.files.set(record.id, record);
  return record;
}
