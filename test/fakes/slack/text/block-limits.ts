import { isJsonObject, type JsonObject } from '../json.ts';
import { type Block, objects, pressableElements } from './blocks.ts';

/** Documented sizes of Block Kit, in characters or items. */
const LIMITS = {
  blocks: 50,
  section: 3_000,
  field: 2_000,
  fields: 10,
  header: 150,
  contextElements: 10,
  actionElements: 25,
  contextActionElements: 5,
  /** Of all markdown blocks of one message together. */
  markdown: 12_000,
  buttonLabel: 75,
  actionId: 255,
  value: 2_000,
  blockId: 255,
} as const;

const KNOWN_TYPES = new Set([
  'actions',
  'alert',
  'card',
  'carousel',
  'context',
  'context_actions',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'plan',
  'rich_text',
  'section',
  'table',
  'task_card',
  'video',
]);

/** What Slack would find wrong with these blocks, in the words it puts into `response_metadata.messages`. */
export function blockProblems(blocks: readonly Block[]): string[] {
  const problems: string[] = [];
  const check = (fine: boolean, what: string, at: string) => {
    if (!fine) problems.push(`[ERROR] ${what} [json-pointer:${at}]`);
  };
  check(blocks.length <= LIMITS.blocks, `no more than ${LIMITS.blocks} items allowed`, '/blocks');
  let markdown = 0;
  for (const [index, block] of blocks.entries()) {
    const at = `/blocks/${index}`;
    check(KNOWN_TYPES.has(block.type), `unsupported type: ${block.type}`, `${at}/type`);
    check(
      (block.block_id?.length ?? 0) <= LIMITS.blockId,
      `must be less than 256 characters`,
      `${at}/block_id`,
    );
    if (block.type === 'markdown') markdown += lengthOf(block.text);
    if (block.type === 'section') checkSection(block, at, check);
    if (block.type === 'header') checkText(block.text, LIMITS.header, `${at}/text`, check);
    checkElements(block, at, check);
  }
  check(
    markdown <= LIMITS.markdown,
    `must be less than ${LIMITS.markdown + 1} characters`,
    '/blocks/markdown',
  );
  return problems;
}

type Check = (fine: boolean, what: string, at: string) => void;

function checkSection(block: Block, at: string, check: Check): void {
  const fields = objects(block.fields);
  check(isJsonObject(block.text) || fields.length > 0, 'missing required field: text', at);
  check(fields.length <= LIMITS.fields, `no more than ${LIMITS.fields} items allowed`, `${at}/fields`);
  if (isJsonObject(block.text)) checkText(block.text, LIMITS.section, `${at}/text`, check);
  for (const field of fields) checkText(field, LIMITS.field, `${at}/fields`, check);
}

function checkElements(block: Block, at: string, check: Check): void {
  const elements = objects(block.elements);
  if (block.type === 'actions') {
    check(elements.length > 0, 'must provide elements', `${at}/elements`);
    check(elements.length <= LIMITS.actionElements, 'too many elements', `${at}/elements`);
  }
  if (block.type === 'context') {
    check(elements.length > 0, 'must provide elements', `${at}/elements`);
    check(elements.length <= LIMITS.contextElements, 'too many elements', `${at}/elements`);
  }
  if (block.type === 'context_actions') {
    check(elements.length > 0, 'must provide elements', `${at}/elements`);
    check(elements.length <= LIMITS.contextActionElements, 'too many elements', `${at}/elements`);
    for (const element of elements) {
      const allowed = element.type === 'feedback_buttons' || element.type === 'icon_button';
      check(allowed, `unsupported type: ${element.type}`, `${at}/elements`);
    }
  }
  const seen = new Set<string>();
  for (const { actionId, element } of pressableElements([block])) {
    check(
      !seen.has(actionId),
      '`action_id` already exists for another element in this block',
      `${at}/elements`,
    );
    seen.add(actionId);
    check(actionId.length <= LIMITS.actionId, 'must be less than 256 characters', `${at}/elements/action_id`);
    check(
      lengthOf(element.value) <= LIMITS.value,
      'must be less than 2001 characters',
      `${at}/elements/value`,
    );
    if (element.type === 'button') checkText(element.text, LIMITS.buttonLabel, `${at}/elements/text`, check);
    if (element.type === 'feedback_buttons') checkFeedback(element, at, check);
  }
}

function checkFeedback(element: JsonObject, at: string, check: Check): void {
  for (const name of ['positive_button', 'negative_button']) {
    const button = element[name];
    const where = `${at}/elements/${name}`;
    check(isJsonObject(button), `missing required field: ${name}`, where);
    if (!isJsonObject(button)) continue;
    checkText(button.text, LIMITS.buttonLabel, `${where}/text`, check);
    check(typeof button.value === 'string', 'missing required field: value', where);
  }
}

function checkText(value: unknown, limit: number, at: string, check: Check): void {
  const text = isJsonObject(value) && typeof value.text === 'string' ? value.text : '';
  check(text.length >= 1, 'must be more than 0 characters', at);
  check(text.length <= limit, `must be less than ${limit + 1} characters`, at);
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
