import { readdirSync, readFileSync } from 'node:fs'

/** CPU milliseconds since its start, and resident bytes, of a process with all of its children. Linux only: /proc says it. */
export interface Usage {
  cpu: number
  memory: number
}

// proc_pid_stat(5); a tick is 10 ms (sysconf _SC_CLK_TCK) and a page 4 KiB on the machines that Linux runs on here.
const [tick, page] = [10, 4096]

const statOf = (pid: number) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in parentheses and may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [, parent = 0, , , , , , , , , , user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields
    return { pid, parent, own: user + system, reaped: childrenUser + childrenSystem, pages: fields[21] ?? 0 }
  } catch {
    return null
  }
}

export const usageOf = (root: number): Usage => {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== null)
  const tree = new Set([root])
  for (let known = 0; known !== tree.size; ) {
    known = tree.size
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid)
  }
  const members = all.filter(({ pid }) => tree.has(pid))
  const ticks = members.reduce((sum, { own, reaped }) => sum + own + reaped, 0)
  return { cpu: ticks * tick, memory: members.reduce((sum, { pages }) => sum + pages, 0) * page }
}
