import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>

/** Figures a room may keep. Labels are of small closed sets, never a path, an identifier or a person. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): { inc(labels?: Labels, by?: number): void }
  gauge(name: string, help: string, labelNames?: readonly string[]): { set(value: number, labels?: Labels): void }
  histogram(
    name: string,
    help: string,
    options?: { readonly labelNames?: readonly string[]; readonly buckets?: readonly number[] },
  ): { observe(value: number, labels?: Labels): void }
  /** The text that Prometheus reads, with its media type. */
  text(): Promise<{ readonly contentType: string; readonly text: string }>
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A registry of its own, so that two apps in one process never share figures. `process` adds memory, event loop and the like. */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registers = [new Registry()] as const
  const [registry] = registers
  if (options.process) collectDefaultMetrics({ register: registry })
  return {
    counter(name, help, labelNames = []) {
      const counter = new Counter({ name, help, labelNames: [...labelNames], registers: [...registers] })
      return { inc: (labels = {}, by = 1) => counter.inc(labels, by) }
    },
    gauge(name, help, labelNames = []) {
      const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [...registers] })
      return { set: (value, labels = {}) => gauge.set(labels, value) }
    },
    histogram(name, help, { labelNames = [], buckets = SECONDS } = {}) {
      const histogram = new Histogram({
        name,
        help,
        labelNames: [...labelNames],
        buckets: [...buckets],
        registers: [...registers],
      })
      return { observe: (value, labels = {}) => histogram.observe(labels, value) }
    },
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
