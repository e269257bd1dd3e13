import { type PurchaseRow, toPurchaseItem as toItem } from '@pay-to-view/db'
import type { z } from 'zod'
import type { purchaseItem } from './schemas.ts'

export const toPurchaseItem = (row: PurchaseRow): z.infer<typeof purchaseItem> => toItem(row)
