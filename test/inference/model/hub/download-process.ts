// A process that downloads a checkpoint and says on standard output what it sees, one JSON object a line.
import {
  type DownloadProgress,
  downloadCheckpoint,
} from '../../../../inference/model/hub/checkpoint-download.ts';

export interface ProcessOrder {
  readonly id: string;
  readonly host: string;
  readonly cacheDir: string;
}

export type ProcessEvent =
  | ({ readonly type: 'progress' } & DownloadProgress)
  | { readonly type: 'done'; readonly folder: string };

const order = JSON.parse(process.argv[2] ?? '{}') as ProcessOrder;
const say = (event: ProcessEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);

const { folder } = await downloadCheckpoint(order.id, {
  host: order.host,
  cacheDir: order.cacheDir,
  heartbeatMs: 50,
  onProgress: (progress) => say({ type: 'progress', ...progress }),
});
say({ type: 'done', folder });
