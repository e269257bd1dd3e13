import { readdirSync, readFileSync } from 'node:fs'

/** The CPU time since the start (in milliseconds) and the resident memory (in bytes) of a process and its descendants. */
export interface Usage {
  cpu: number
  memory: number
}

// The units in proc_pid_stat(5). On the usual Linux machines, sysconf(_SC_CLK_TCK) is 100 and the page size is 4 KiB.
const [tickMs, pageBytes] = [10, 4096]

const readStat = (pid: number) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses and may contain any character.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, parent = 0, , , , , , , , , , user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields
    return { pid, parent, own: user + system, exitedChildren: childrenUser + childrenSystem, pages: fields[21] ?? 0 }
  } catch {
    return null
  }
}

/** Returns the usage of a process and its descendants. Works only on Linux, because it reads /proc. */
export const usageOf = (rootPid: number): Usage => {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null)
  const tree = new Set([rootPid])
  for (let size = 0; size !== tree.size; ) {
    size = tree.size
    for (const { pid, parent } of stats) if (tree.has(parent)) tree.add(pid)
  }
  const members = stats.filter(({ pid }) => tree.has(pid))
  const ticks = members.reduce((sum, { own, exitedChildren }) => sum + own + exitedChildren, 0)
  return { cpu: ticks * tickMs, memory: members.reduce((sum, { pages }) => sum + pages, 0) * pageBytes }
}
