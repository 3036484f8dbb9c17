import type { World } from '../workspace/world.ts';

/** Allows opening a modal within three seconds; the fake has no modals, but the field is always there. */
export function triggerId(world: World): string {
  const { ids, clock } = world;
  return `${clock.now()}.${ids.characters(8)}.${ids.uuid().replaceAll('-', '')}`;
}
