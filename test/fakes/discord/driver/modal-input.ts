import {
  type APIModalInteractionResponseCallbackData,
  type APITextInputComponent,
  ComponentType,
} from 'discord.js';

/**
 * What a client sends when somebody fills in a form.
 * @throws Error when the client would not let it go: a required input is empty, a text too short or too long
 */
export function modalSubmission(
  modal: APIModalInteractionResponseCallbackData,
  values: Readonly<Record<string, string>>,
): object {
  const filled = (input: APITextInputComponent, id: number) => {
    const value = values[input.custom_id] ?? input.value ?? '';
    const { min_length = 0, max_length = 4000, required = true } = input;
    if ((required && value === '') || value.length < min_length || value.length > max_length) {
      throw new Error(`The input "${input.custom_id}" does not take ${JSON.stringify(value)}.`);
    }
    return { type: ComponentType.TextInput, id, custom_id: input.custom_id, value };
  };
  const components = modal.components.flatMap((part, index): object[] => {
    const id = index * 2 + 1;
    if (part.type === ComponentType.Label && part.component.type === ComponentType.TextInput) {
      return [{ type: part.type, id, component: filled(part.component, id + 1) }];
    }
    if (part.type !== ComponentType.ActionRow) return [];
    const inputs = part.components.filter((one) => one.type === ComponentType.TextInput);
    return [{ type: part.type, id, components: inputs.map((one) => filled(one, id + 1)) }];
  });
  return { custom_id: modal.custom_id, components };
}
