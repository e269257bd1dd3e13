import { commandLineOf, identify, isAlive, parentOf } from './process-table.ts'

/**
 * Resolves when the npm process that started this process exits, because npm cannot forward a signal if it is killed (kill -9). Never
 * resolves if npm did not start this process, so `nohup` and `setsid` work.
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

/** Returns npm's process id. npm runs a script in a shell, which either replaces itself with the program (bash) or waits for it (dash). */
const npmPid = () => {
  const parent = process.ppid
  const isShell = commandLineOf(parent).includes('pay-to-view.mjs')
  return (isShell ? parentOf(parent) : parent) ?? parent
}
