import { type Db, startPlayback } from '@pay-to-view/db'
import type { Access } from '@pay-to-view/purchase'

/** The commands for playing entities. */
export interface AccessCommands {
  /** Records that the user plays an entity; for a rental, this starts the clock. Returns null if the user has no access. */
  startPlayback(userId: string, entityId: string): Promise<Access | null>
}

export const createAccessCommands = (db: Db): AccessCommands => ({
  startPlayback: (userId, entityId) => startPlayback(db, userId, entityId),
})
