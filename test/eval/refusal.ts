/**
 * Whether an answer says that the text does not tell, in the wordings that people and models use for it ("unknown" is
 * CoQA's). Only the first sentence counts, and only what it says of the text or the speaker: a text about software is full
 * of things that do not include something or cannot be found.
 */
export function isRefusal(answer: string): boolean {
  const [first = ''] = answer.split(/(?<=[.!?])\s/u);
  return REFUSALS.some((refusal) => refusal.test(first));
}

const TEXT = '(?:the |this )?(?:text|passage|context|section|document|article|paragraph|page)';
const NOT = "(?:does not|doesn['’]t|did not|didn['’]t)";
const UNSAID = '(?:said|mentioned|stated|given|known|answered|specified)';

const REFUSALS: readonly RegExp[] = [
  new RegExp(`^${TEXT} ${NOT} (?:say|tell|mention|answer|state|specify|explain)\\b`, 'iu'),
  new RegExp(`^${TEXT} ${NOT} (?:contain|give|include) (?:the|an|any) (?:answer|information)\\b`, 'iu'),
  new RegExp(`^(?:that|this|it|the answer)(?: is|['’]s) (?:not|nowhere) ${UNSAID}\\b`, 'iu'),
  /^(?:that|this|it|the answer|the question) (?:cannot|can['’]t) be (?:answered|told)\b/iu,
  /^(?:i|we) (?:do not|don['’]t|cannot|can['’]t) (?:know|tell|say|answer)\b/iu,
  new RegExp(`^(?:unknown|unanswerable|no answer|not ${UNSAID})\\b`, 'iu'),
];
