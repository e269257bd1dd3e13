const grants = '/admin/v1/pay-to-view/grants'

/** The operations that grants.test.ts tests. */
export const grantOperations = [
  `POST ${grants}`,
  `GET ${grants}`,
  `PATCH ${grants}/{grantId}`,
  `DELETE ${grants}/{grantId}`,
] as const

export type GrantOperation = (typeof grantOperations)[number]
