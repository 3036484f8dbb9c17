import remend, { INCOMPLETE_IMAGE_PLACEHOLDER } from 'remend';

/** Only what the platforms show: no formulas, no HTML; and a link appears as its text until its address is whole. */
const SHOWN_BY_PLATFORMS = {
  linkMode: 'text-only',
  katex: false,
  inlineKatex: false,
  htmlTags: false,
  setextHeadings: false,
  comparisonOperators: false,
  singleTilde: false,
} as const;

/**
 * A text as it is shown while it still grows: emphasis, inline code and links that are open at its end are closed, so
 * that a reader does not see their marks come and go. The text must not end within a code block.
 */
export function closeMarkdown(text: string): string {
  const from = lastParagraph(text);
  const open = text.slice(from);
  const closed = remend(open, SHOWN_BY_PLATFORMS);
  // No platform shows Markdown's images, so one that is not whole yet stays as it is.
  const odd = closed.includes(INCOMPLETE_IMAGE_PLACEHOLDER);
  return (
    text.slice(0, from) +
    (odd ? remend(open, { ...SHOWN_BY_PLATFORMS, links: false, images: false }) : closed)
  );
}

/** Where the last paragraph begins: what is open ends with its paragraph (CommonMark 0.31, chapter 6). */
function lastParagraph(text: string): number {
  let from = 0;
  for (const { index, 0: border } of text.matchAll(/\n[^\S\n]*\n/gu)) from = index + border.length;
  return from;
}
