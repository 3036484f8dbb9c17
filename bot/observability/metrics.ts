import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricName, type MetricRow } from './metric-table.ts';

interface Kinds<Label extends string> {
  readonly counter: Counter<Label>;
  readonly gauge: Gauge<Label>;
  readonly histogram: Histogram<Label>;
}

type Row<Name extends MetricName> = (typeof METRICS)[Name];

/** Every measurement of the table, ready to be counted. */
export type Meters = {
  readonly [Name in MetricName]: Kinds<Row<Name>['labels'][number]>[Row<Name>['kind']];
};

/** The table's measurements in a registry of their own, so that several bots in one process do not mix. */
export class Metrics {
  readonly meters: Meters;
  readonly #registry = new Registry();

  constructor() {
    const meters = Object.entries(METRICS).map(([name, row]) => [name, register(row, this.#registry)]);
    this.meters = Object.fromEntries(meters);
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** Adds what Node tells about its process: event loop, memory, garbage collection, under their usual names. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** As Prometheus reads it. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function register({ kind, name, help, labels, buckets = [] }: MetricRow, registry: Registry) {
  const options = { name, help, labelNames: labels, registers: [registry] };
  switch (kind) {
    case 'counter':
      return new Counter(options);
    case 'gauge':
      return new Gauge(options);
    case 'histogram':
      return new Histogram({ ...options, buckets: [...buckets] });
  }
}
