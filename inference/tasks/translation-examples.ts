/** A sentence in both languages. */
export interface SentencePair {
  readonly english: string;
  readonly french: string;
}

/**
 * What a translation is like, shown to the model before it makes one. Everyday sentences of several forms (a statement,
 * a question, a request, a negation, a past, a plural), short enough that they leave room even in a small context, and
 * with the accents and the elisions that a model could forget. The last ones stand nearest to the sentence that is
 * translated and are the last to be left out.
 */
export const TRANSLATION_EXAMPLES: readonly SentencePair[] = [
  { english: 'Good morning, how are you?', french: 'Bonjour, comment allez-vous ?' },
  { english: 'I do not have any money.', french: "Je n'ai pas d'argent." },
  { english: 'Where is the train station?', french: 'Où est la gare ?' },
  { english: 'The children are playing in the garden.', french: 'Les enfants jouent dans le jardin.' },
  { english: 'Please close the door.', french: "Fermez la porte, s'il vous plaît." },
  {
    english: 'She bought a new house last year.',
    french: "Elle a acheté une nouvelle maison l'année dernière.",
  },
  { english: 'We will go to the sea tomorrow.', french: 'Nous irons à la mer demain.' },
];
