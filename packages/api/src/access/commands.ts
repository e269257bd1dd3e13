import { type Db, startPlayback } from '@pay-to-view/db'
import type { Access } from '@pay-to-view/purchase'

/** The commands that users run to play what they have access to. */
export interface AccessCommands {
  /** Records that the user plays an entity, which starts the clock of a rental. Returns null if the user has no access. */
  startPlayback(userId: string, entityId: string): Promise<Access | null>
}

export const createAccessCommands = (db: Db): AccessCommands => ({
  startPlayback: (userId, entityId) => startPlayback(db, userId, entityId),
})
