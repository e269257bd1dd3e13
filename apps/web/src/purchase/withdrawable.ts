import type { PurchaseItem } from '@pay-to-view/react'

export const withdrawPath = (purchaseId: string): string => `/purchases/${purchaseId}/withdraw`

/** Whether a paid purchase may be withdrawn from where the law gives that right. The server decides, and says why not. */
export const isWithdrawable = ({ status, withdrawnAt }: PurchaseItem): boolean => status === 'Completed' && withdrawnAt === null
