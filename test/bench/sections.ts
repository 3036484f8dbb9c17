import { benchAgreement } from './agreement.ts';
import type { BenchContext } from './bench-context.ts';
import { ALONE, compare, type Task, TOGETHER } from './compare.ts';
import { renderComparisons } from './comparison.ts';
import { benchDelivery } from './delivery.ts';
import { type Figure, renderTable } from './figure.ts';
import { benchLongContexts } from './long-contexts.ts';
import { measureProducts, renderProducts } from './products.ts';
import { benchRepeatedText, VARIANT_NAMES } from './repeated-text.ts';
import { measureRunCosts, renderRunCosts } from './run-costs.ts';
import { benchSlackDelivery } from './slack-delivery.ts';
import { benchStart } from './start.ts';
import { measureSteps, renderSteps } from './step.ts';

export interface SectionResult {
  readonly data: unknown;
  /** In Markdown. */
  readonly table: string;
}

type Section = (context: BenchContext) => Promise<SectionResult>;

const rendered =
  <Measured>(
    measure: (context: BenchContext) => Promise<Measured>,
    render: (measured: Measured) => string,
  ): Section =>
  async (context) => {
    const data = await measure(context);
    return { data, table: render(data) };
  };

const figures = (measure: (context: BenchContext) => Promise<readonly Figure[]>): Section =>
  rendered(measure, renderTable);

const comparison =
  (tasks: readonly Task[]): Section =>
  async (context) => {
    const { comparisons, ours, rivals } = await compare(tasks, context);
    return { data: comparisons, table: renderComparisons(comparisons, ours, rivals) };
  };

/** What can be measured, by name. */
export const SECTIONS: Readonly<Record<string, Section>> = {
  agreement: figures(({ log }) => benchAgreement(log)),
  alone: comparison(ALONE),
  together: comparison(TOGETHER),
  repeated: async (context) => {
    const comparisons = await benchRepeatedText(context);
    const [ours, ...rivals] = VARIANT_NAMES;
    const each = rivals.map((name) => ({ label: name, names: [name] }));
    return { data: comparisons, table: renderComparisons(comparisons, [ours], each) };
  },
  runs: rendered(measureRunCosts, renderRunCosts),
  products: rendered(measureProducts, renderProducts),
  step: rendered(measureSteps, renderSteps),
  contexts: figures(({ folder, weights, log }) => benchLongContexts(folder, weights, log)),
  start: figures(({ folder, weights, log }) => benchStart(folder, weights, log)),
  delivery: figures(({ log }) => benchDelivery(log)),
  slack: figures(({ log }) => benchSlackDelivery(log)),
};
