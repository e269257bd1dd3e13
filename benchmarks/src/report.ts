import type { Sample } from './measure.ts'
import { median } from './statistics.ts'

/** Returns one sample per measurement, with the medians of all rounds. */
export const summarize = (samples: readonly Sample[]): Sample[] => {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const key = `${sample.name}/${sample.target}/${sample.concurrency}`
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  return [...groups.values()].flatMap((rounds) => {
    const [first] = rounds
    if (!first) return []
    const medianOf = (figure: string): [string, number] => [
      figure,
      median(rounds.map(({ figures }) => figures[figure] ?? Number.NaN)),
    ]
    return [{ ...first, figures: Object.fromEntries(Object.keys(first.figures).map(medianOf)) }]
  })
}

/** Returns the tables of docs/performance.md, in Markdown. */
export const formatTables = (summary: readonly Sample[]): string =>
  [...lifecycleRows(summary), '', ...requestRows(summary)].join('\n')

type Figures = Record<string, number>

const round = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const header = (cells: readonly string[]): string[] => [row(cells), row(cells.map(() => '---'))]

const find = (summary: readonly Sample[], name: string, target: Sample['target'], concurrency: number) =>
  summary.find((sample) => sample.name === name && sample.target === target && sample.concurrency === concurrency)?.figures

const figuresRow = (label: string, figures: Figures): string => {
  const byProcess = (prefix: string) =>
    Object.entries(figures)
      .filter(([key]) => key.startsWith(`${prefix} `))
      .map(([key, value]) => `${key.slice(prefix.length + 1)} ${round(value)}`)
      .join(', ')
  const quantiles = (key: string) => `${round(figures[`${key} p50`])} / ${round(figures[`${key} p99`])}`
  const durations = [quantiles('create'), quantiles('webhook'), quantiles('access')]
  return row([label, round(figures.rate), ...durations, byProcess('cpu'), byProcess('memory')])
}

const ratioRow = (label: string, figures: Figures, base: Figures): string => {
  const ratio = (key: string) => `× ${round((figures[key] ?? 0) / (base[key] ?? 0))}`
  return row([label, ratio('rate'), ratio('create p50'), ratio('webhook p50'), ratio('access p50'), '', ''])
}

const lifecycleRows = (summary: readonly Sample[]): string[] => {
  const concurrencies = new Set(summary.filter(({ name }) => name === 'lifecycle').map(({ concurrency }) => concurrency))
  const lines = header([
    ...['lifecycle', 'per second', 'create p50 / p99 ms', 'webhook p50 / p99', 'access p50 / p99'],
    ...['CPU ms per lifecycle', 'MiB'],
  ])
  for (const concurrency of concurrencies) {
    const plain = find(summary, 'lifecycle', 'plain', concurrency)
    const durable = find(summary, 'lifecycle', 'durable', concurrency)
    const payToView = find(summary, 'lifecycle', 'pay-to-view', concurrency)
    if (!plain || !payToView) continue
    lines.push(figuresRow(`plain at ${concurrency}`, plain))
    if (durable) lines.push(figuresRow(`durable at ${concurrency}`, durable), ratioRow('durable / plain', durable, plain))
    lines.push(figuresRow(`pay-to-view at ${concurrency}`, payToView), ratioRow('**pay-to-view / plain**', payToView, plain))
    if (durable) lines.push(ratioRow('pay-to-view / durable', payToView, durable))
  }
  return lines
}

const requestRows = (summary: readonly Sample[]): string[] => {
  const lines = header([
    ...['request', 'at', 'plain per second', 'pay-to-view per second'],
    ...['plain p50 ms', 'pay-to-view p50 ms', 'p50 ratio'],
  ])
  for (const { name, target, concurrency, figures: plain } of summary) {
    if (name === 'lifecycle' || target !== 'plain') continue
    const payToView = find(summary, name, 'pay-to-view', concurrency)
    const [plainMs, payToViewMs] = [plain['response p50'], payToView?.['response p50']]
    const ratio = `× ${round((payToViewMs ?? 0) / (plainMs ?? 0))}`
    const rates = [round(plain.rate), round(payToView?.rate)]
    lines.push(row([name, String(concurrency), ...rates, round(plainMs), round(payToViewMs), ratio]))
  }
  return lines
}
