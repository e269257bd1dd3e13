import type { PurchaseItem } from '@pay-to-view/react'

export const withdrawPath = (purchaseId: string): string => `/purchases/${purchaseId}/withdraw`

/**
 * Whether to offer withdrawal from a paid purchase, where the law gives that right. The server decides, and explains a rejection.
 */
export const isWithdrawable = ({ status, withdrawnAt }: PurchaseItem): boolean => status === 'Completed' && withdrawnAt === null
