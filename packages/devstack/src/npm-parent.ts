import { commandLineOf, identify, isAlive, parentOf } from './process-table.ts'

/**
 * Resolves when the npm that started this process exits: if npm is killed (kill -9), it cannot forward a signal. Never resolves if npm did
 * not start this process, so `nohup` and `setsid` work.
 */
export const whenNpmExits = () =>
  new Promise<void>((resolve) => {
    const npm = process.env.npm_lifecycle_event && identify(npmPid())
    if (!npm) return
    const timer = setInterval(() => {
      if (isAlive(npm)) return
      clearInterval(timer)
      resolve()
    }, 300)
    timer.unref()
  })

/** npm runs a script in a shell, which is either replaced by the program (bash) or waits for it (dash). */
const npmPid = () => {
  const parent = process.ppid
  const isShell = commandLineOf(parent).includes('pay-to-view.mjs')
  return (isShell ? parentOf(parent) : parent) ?? parent
}
