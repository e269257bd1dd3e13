import { type Home, issueToken } from '@pay-to-view/devstack'

export interface Viewer {
  id: string
  headers: { authorization: string }
}

/** Viewers who have never bought anything, with tokens that are signed before they are needed. Both targets get the same ones. */
export const createViewers = (home: Home) => {
  const made: Viewer[] = []
  const used = new Map<string, number>()
  let named = 0
  const add = async () => {
    const id = `viewer-${++named}`
    const viewer = { id, headers: { authorization: `Bearer ${await issueToken(home, id, { ttl: '1d' })}` } }
    made.push(viewer)
    return viewer
  }
  return {
    /** Has `count` of them ready for this target. */
    prepare: async (target: string, count: number): Promise<void> => {
      while (made.length < (used.get(target) ?? 0) + count) await add()
    },
    next: async (target: string): Promise<Viewer> => {
      const at = used.get(target) ?? 0
      used.set(target, at + 1)
      return made[at] ?? add()
    },
  }
}

export type Viewers = ReturnType<typeof createViewers>
