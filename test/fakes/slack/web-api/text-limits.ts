/** Characters of `text` that `chat.postMessage` keeps; the rest is cut off. */
export const TEXT_LIMIT = 40_000;
/** Characters of `text` that `chat.update` takes. */
export const UPDATE_TEXT_LIMIT = 4_000;
/** Characters of `markdown_text`, in any method. */
export const MARKDOWN_TEXT_LIMIT = 12_000;
