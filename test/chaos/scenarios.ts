import type { Scenario } from './scenario.ts';
import { clockJumps } from './scenarios/clock-jumps.ts';
import { deployed } from './scenarios/deployed.ts';
import { diskFull } from './scenarios/disk-full.ts';
import { engineHangs } from './scenarios/engine-hangs.ts';
import { everything } from './scenarios/everything.ts';
import { folderReadOnly } from './scenarios/folder-read-only.ts';
import { gatewayCut } from './scenarios/gateway-cut.ts';
import { halfAnswers } from './scenarios/half-answers.ts';
import { hostileMessages } from './scenarios/hostile-messages.ts';
import { killed } from './scenarios/killed.ts';
import { noAnswer } from './scenarios/no-answer.ts';
import { serverErrors } from './scenarios/server-errors.ts';
import { socketCut } from './scenarios/socket-cut.ts';
import { storeDamaged } from './scenarios/store-damaged.ts';
import { storeLocked } from './scenarios/store-locked.ts';
import { tooMany } from './scenarios/too-many.ts';
import { undisturbed } from './scenarios/undisturbed.ts';
import { unheard } from './scenarios/unheard.ts';

/** Everything that is tried, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  undisturbed,
  killed,
  unheard,
  engineHangs,
  deployed,
  gatewayCut,
  socketCut,
  tooMany,
  serverErrors,
  noAnswer,
  halfAnswers,
  everything,
  diskFull,
  folderReadOnly,
  storeLocked,
  storeDamaged,
  clockJumps,
  hostileMessages,
];
