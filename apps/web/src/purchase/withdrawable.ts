import type { PurchaseItem } from '@pay-to-view/react'

/**
 * Whether to offer withdrawal from a purchase, on a site that offers it (CONSENT=eu). The server decides on the request, and
 * explains any rejection.
 */
export const isWithdrawable = ({ status, withdrawnAt }: PurchaseItem): boolean => status === 'Completed' && withdrawnAt === null
