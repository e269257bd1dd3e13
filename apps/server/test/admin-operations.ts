const admin = '/admin/v1/pay-to-view'

/** The operations that admin-paths.test.ts tests. */
export const adminOperations = [
  `POST ${admin}/api-keys`,
  `GET ${admin}/api-keys`,
  `DELETE ${admin}/api-keys/{id}`,
  `GET ${admin}/audit`,
  `GET ${admin}/users/{userId}/access`,
  `GET ${admin}/users/{userId}/purchases`,
  `GET ${admin}/users/{userId}/plays`,
  `GET ${admin}/purchases`,
  `GET ${admin}/purchases/{id}`,
  `POST ${admin}/purchases/{id}/accept`,
  `GET ${admin}/alerts`,
  `POST ${admin}/alerts/{id}/resolve`,
  `GET ${admin}/stuck`,
  `GET ${admin}/reports/sales`,
  `GET ${admin}/reports/payouts`,
] as const

/** The operations that disputes.test.ts tests. */
export const disputeOperations = [
  `GET ${admin}/purchases/{id}/dispute`,
  `PUT ${admin}/purchases/{id}/dispute/evidence`,
  `POST ${admin}/purchases/{id}/dispute/submit`,
] as const

export type AdminOperation = (typeof adminOperations | typeof disputeOperations)[number]
