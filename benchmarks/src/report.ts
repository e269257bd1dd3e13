import type { Sample } from './rounds.ts'
import { median } from './statistics.ts'

/** Of the rounds of one measurement the median of every figure. */
export const summarize = (samples: readonly Sample[]): Sample[] => {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const key = `${sample.what}/${sample.target}/${sample.concurrency}`
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  return [...groups.values()].flatMap((rounds) => {
    const [first] = rounds
    if (!first) return []
    const figure = (name: string): [string, number] => [name, median(rounds.map(({ figures }) => figures[name] ?? Number.NaN))]
    return [{ ...first, figures: Object.fromEntries(Object.keys(first.figures).map(figure)) }]
  })
}

const short = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const rowsOf = (name: string, figures: Record<string, number>): string[] => {
  const all = (prefix: string) =>
    Object.entries(figures)
      .filter(([key]) => key.startsWith(`${prefix} `))
      .map(([key, value]) => `${key.slice(prefix.length + 1)} ${short(value)}`)
      .join(', ')
  const pair = (key: string) => `${short(figures[`${key} p50`])} / ${short(figures[`${key} p99`])}`
  return [name, short(figures.rate), pair('create'), pair('webhook'), pair('access'), all('cpu'), all('memory')]
}

/** The table of docs/performance.md, in Markdown. */
export const tableOf = (summary: readonly Sample[]): string => {
  const pick = (what: string, target: Sample['target'], concurrency: number) =>
    summary.find((sample) => sample.what === what && sample.target === target && sample.concurrency === concurrency)?.figures
  const lives = summary.filter(({ what }) => what === 'lifecycle')
  const others = summary.filter(({ what, target }) => what !== 'lifecycle' && target === 'plain')
  const heading = ['lifecycle', 'a second', 'create p50 / p99 ms', 'webhook p50 / p99', 'access p50 / p99', 'CPU ms each', 'MiB']
  const lines = [row(heading), row(heading.map(() => '---'))]
  for (const at of new Set(lives.map(({ concurrency }) => concurrency))) {
    const [plain, durable, ours] = (['plain', 'durable', 'pay-to-view'] as const).map((name) => pick('lifecycle', name, at))
    if (!plain || !ours) continue
    const against = (figures: Record<string, number>, name: string, base = plain): string => {
      const ratio = (key: string) => `× ${short((figures[key] ?? 0) / (base[key] ?? 0))}`
      return row([name, ratio('rate'), ratio('create p50'), ratio('webhook p50'), ratio('access p50'), '', ''])
    }
    lines.push(row(rowsOf(`plain at ${at}`, plain)))
    if (durable) lines.push(row(rowsOf(`durable at ${at}`, durable)), against(durable, 'durable / plain'))
    lines.push(row(rowsOf(`pay-to-view at ${at}`, ours)), against(ours, '**pay-to-view / plain**'))
    if (durable) lines.push(against(ours, 'pay-to-view / durable', durable))
  }
  const titles = ['answer', 'at', 'plain a second', 'pay-to-view a second', 'plain p50 ms', 'pay-to-view p50 ms', 'p50 ratio']
  lines.push('', row(titles), row(titles.map(() => '---')))
  for (const { what, concurrency, figures: plain } of others) {
    const ours = pick(what, 'pay-to-view', concurrency)
    const [a, b] = [plain['answer p50'], ours?.['answer p50']]
    const rates = [short(plain.rate), short(ours?.rate)]
    lines.push(row([what, String(concurrency), ...rates, short(a), short(b), `× ${short((b ?? 0) / (a ?? 0))}`]))
  }
  return lines.join('\n')
}
