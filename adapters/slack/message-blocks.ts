import type { types } from '@slack/bolt';
import { type Button, buttonId, buttonsUnder } from '../../bot/buttons.ts';
import { paginate } from '../../bot/delivery/pages.ts';
import type { Controls } from '../../bot/ports.ts';
import { toMrkdwn } from './mrkdwn.ts';

/** Of a section's text, and of `text` in `chat.update` (docs.slack.dev, blocks/section-block and chat.update). */
const SECTION_LIMIT = 3_000;
const TEXT_LIMIT = 4_000;

export interface MessageContent {
  /** For notifications and for reading back; people see the blocks. */
  readonly text: string;
  /** Never empty, since an update keeps blocks that it does not mention: a Stop button would stay. */
  readonly blocks: types.KnownBlock[];
}

/** A page of Markdown as a message. */
export function messageContent(page: string, controls: Controls): MessageContent {
  const texts = sectionTexts(page);
  const whole = texts.join('\n');
  return {
    text: whole.length <= TEXT_LIMIT ? whole : (texts[0] ?? ''),
    blocks: [...texts.map(section), ...controlBlocks(controls)],
  };
}

/** Escaping may lengthen a text fivefold: it is split until every part fits. */
function sectionTexts(markdown: string): readonly string[] {
  const converted = toMrkdwn(markdown);
  if (converted.length <= SECTION_LIMIT) return [converted];
  const shorter = Math.min(SECTION_LIMIT, Math.ceil(markdown.length * (3 / 4)));
  return paginate(markdown, { maxLength: shorter }).flatMap(({ text }) => sectionTexts(text));
}

/** `verbatim`: an address stays text, and no name becomes a mention. `expand`: no "see more". */
function section(text: string): types.SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true }, expand: true };
}

/** What can be pressed; none is empty. What a button means lies in its `value`, which may be long. */
export function controlBlocks(controls: Controls): types.KnownBlock[] {
  if (controls.state === 'none') return [];
  const { turn } = controls;
  const buttons = buttonsUnder(controls);
  const pressed = buttons.filter(({ action }) => action !== 'good' && action !== 'bad');
  const [good, bad] = ['good', 'bad'].map((action) => buttons.find((button) => button.action === action));
  const blocks: types.KnownBlock[] = [];
  if (pressed.length > 0) {
    blocks.push({ type: 'actions', elements: pressed.map((button) => pressable(button, turn)) });
  }
  if (good && bad) {
    const feedback: types.FeedbackButtons = {
      type: 'feedback_buttons',
      action_id: 'feedback',
      positive_button: choice(good, turn),
      negative_button: choice(bad, turn),
    };
    blocks.push({ type: 'context_actions', elements: [feedback] });
  }
  return blocks;
}

function pressable(button: Button, turn: string): types.Button {
  return { type: 'button', action_id: button.action, ...choice(button, turn) };
}

function choice({ action, label, description }: Button, turn: string) {
  return {
    text: { type: 'plain_text' as const, text: label, emoji: true },
    accessibility_label: description,
    value: buttonId(action, turn),
  };
}
