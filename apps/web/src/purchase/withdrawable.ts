import type { PurchaseItem } from '@pay-to-view/react'

export const withdrawPath = (purchaseId: string): string => `/purchases/${purchaseId}/withdraw`

/** Whether to offer withdrawal from a purchase, where the law gives this right. The server decides, and explains any rejection. */
export const isWithdrawable = ({ status, withdrawnAt }: PurchaseItem): boolean => status === 'Completed' && withdrawnAt === null
