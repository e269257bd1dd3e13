const endpoints = '/admin/v1/pay-to-view/webhook-endpoints'

/** The operations that webhook-endpoints.test.ts tests. */
export const webhookOperations = [
  `POST ${endpoints}`,
  `GET ${endpoints}`,
  `GET ${endpoints}/{id}`,
  `PATCH ${endpoints}/{id}`,
  `DELETE ${endpoints}/{id}`,
  `POST ${endpoints}/{id}/rotate-secret`,
  `GET ${endpoints}/{id}/deliveries`,
  `GET ${endpoints}/{id}/statistics`,
  `POST ${endpoints}/{id}/deliveries/{messageId}/resend`,
  `POST ${endpoints}/{id}/deliveries/resend`,
  `POST ${endpoints}/{id}/test`,
] as const

export type WebhookOperation = (typeof webhookOperations)[number]
