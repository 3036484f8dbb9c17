import { type APIActionRowComponent, type APIButtonComponent, ButtonStyle, ComponentType } from 'discord.js';
import { buttonId, buttonsUnder } from '../../bot/buttons.ts';
import type { Controls } from '../../bot/ports.ts';

/** The buttons under a message, in Discord's form. */
export function buttonRows(controls: Controls): APIActionRowComponent<APIButtonComponent>[] {
  if (controls.state === 'none') return [];
  const components = buttonsUnder(controls).map(
    ({ action, label }): APIButtonComponent => ({
      type: ComponentType.Button,
      style: ButtonStyle.Secondary,
      label,
      custom_id: buttonId(action, controls.turn),
    }),
  );
  return [{ type: ComponentType.ActionRow, components }];
}
