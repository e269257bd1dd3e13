import cliProgress from 'cli-progress'
import { createProgress } from './progress.ts'

const delayMs = 2_000

export interface ProgressBar {
  update(count: number): void
  /** Prints a result line above the bar. */
  print(line: string): void
  stop(): void
}

/** On a terminal, shows a progress bar if the work takes longer than two seconds. Otherwise, prints a line every two seconds. */
export const createProgressBar = (description: string, total: number): ProgressBar => {
  if (!process.stderr.isTTY)
    return { update: createProgress(`of ${total} ${description}`), print: console.log, stop: () => undefined }
  const startedAt = Date.now()
  const bars = new cliProgress.MultiBar({
    ...{ stream: process.stderr, clearOnComplete: true, hideCursor: true, fps: 5 },
    format: `{bar} {percentage}%  {value} of {total} ${description}`,
  })
  let bar: cliProgress.SingleBar | undefined
  return {
    update: (count) => {
      if (!bar && Date.now() - startedAt > delayMs) bar = bars.create(total, count)
      bar?.update(count)
    },
    print: (line) => (bar && process.stdout.isTTY ? bars.log(`${line}\n`) : console.log(line)),
    stop: () => bars.stop(),
  }
}
