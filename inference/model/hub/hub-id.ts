import { isHubId } from '../../../config/model-kind.ts';
import { HubError } from './hub-error.ts';

export { isHubId };

/** @throws HubError `HUB_ID_INVALID` */
export function requireHubId(text: string): void {
  if (isHubId(text)) return;
  throw new HubError(
    'HUB_ID_INVALID',
    `${JSON.stringify(text)} is not the id of a model on the hub. An id looks like openai-community/gpt2: letters, digits, ".", "_" and "-".`,
  );
}

/** `openai-community/gpt2` is kept in `openai-community--gpt2`. */
export function folderNameOf(id: string): string {
  return id.replace('/', '--');
}

export function idOfFolderName(name: string): string {
  return name.replace('--', '/');
}
