import { type DataFolder, issueToken } from '@pay-to-view/devstack'

export interface User {
  id: string
  headers: { authorization: string }
}

export type UserPool = ReturnType<typeof createUserPool>

/** Creates a pool of users without purchases, with tokens that are signed in advance. Every target gets the same users in the same order. */
export const createUserPool = (dataFolder: DataFolder) => {
  const users: User[] = []
  const usedCounts = new Map<string, number>()
  let created = 0
  const add = async () => {
    const id = `user-${++created}`
    const user = { id, headers: { authorization: `Bearer ${await issueToken(dataFolder, id, { ttl: '1d' })}` } }
    users.push(user)
    return user
  }
  return {
    /** Ensures that `count` unused users exist for this target. */
    prepare: async (target: string, count: number): Promise<void> => {
      while (users.length < (usedCounts.get(target) ?? 0) + count) await add()
    },
    next: async (target: string): Promise<User> => {
      const index = usedCounts.get(target) ?? 0
      usedCounts.set(target, index + 1)
      return users[index] ?? add()
    },
  }
}
