/**
 * Whether an answer says that the text does not tell. The wordings are those that people and models use for it; "unknown"
 * is CoQA's. An answer found in the text may hold "does not say" too, so only its first sentence counts, and only what is
 * said of the text or of the speaker.
 */
export function isRefusal(answer: string): boolean {
  const [first = ''] = answer.split(/(?<=[.!?])\s/u);
  return REFUSALS.some((refusal) => refusal.test(first));
}

const SOURCE = '(?:text|passage|context|section|document|article|paragraph|page|it|this)';
const TELL = '(?:say|tell|mention|answer|state|specify|contain|explain|give|include)';

const REFUSALS: readonly RegExp[] = [
  new RegExp(`^(?:the |this )?${SOURCE} (?:does not|doesn['’]t|did not|didn['’]t) ${TELL}`, 'iu'),
  /^(?:that|this|it|the answer)(?: is|['’]s) (?:not|nowhere) (?:said|mentioned|stated|given|known|answered|in|specified)\b/iu,
  /^(?:i|we) (?:do not|don['’]t|cannot|can['’]t) (?:know|tell|say|answer)\b/iu,
  /^(?:unknown|not (?:said|mentioned|stated|given|known|answerable)|no answer|unanswerable)\b/iu,
  /\bcannot be (?:answered|found|told|known)\b/iu,
];
