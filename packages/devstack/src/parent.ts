import { commandOf, identify, isAlive, parentOf } from './processes.ts'

/**
 * Fulfilled when the npm that has started us is no more: it cannot pass on the signal that killed it (kill -9). Whoever started us without
 * npm may go and leave us running (nohup, setsid).
 */
export const untilLeftAlone = () =>
  new Promise<void>((resolve) => {
    const npm = process.env.npm_lifecycle_event && identify(runner())
    if (!npm) return
    const timer = setInterval(() => {
      if (isAlive(npm)) return
      clearInterval(timer)
      resolve()
    }, 300)
    timer.unref()
  })

/** npm runs a script in a shell, which either becomes the program (bash) or waits for it (dash). */
const runner = () => {
  const parent = process.ppid
  const isShell = commandOf(parent).includes('pay-to-view.mjs')
  return (isShell ? parentOf(parent) : parent) ?? parent
}
