import { type Db, startPlayback } from '@pay-to-view/db'
import type { Access } from '@pay-to-view/purchase'

/** The commands with which users make use of their access. */
export interface AccessCommands {
  /** Records that the user plays an entity, which starts the clock of a rental. Null without access. */
  startPlayback(userId: string, entityId: string): Promise<Access | null>
}

export const createAccessCommands = (db: Db): AccessCommands => ({
  startPlayback: (userId, entityId) => startPlayback(db, userId, entityId),
})
