import type pg from 'pg'
import { selectAccess, selectHistory } from './sql.ts'

const toIso = (date: Date | null): string | null => date?.toISOString() ?? null

interface Row {
  id: string
  product_id: string
  entity_id: string
  status: string
  processing: boolean
  amount: number
  amount_refunded: number
  currency: string
  external_transaction_id: string | null
  created_at: Date
  completed_at: Date | null
  expires_at: Date | null
  refunded_at: Date | null
  total: string
  has_access: boolean
}

export const readHistory = async (db: pg.Pool, userId: string, page: number, pageSize: number) => {
  const { rows } = await db.query<Row>({
    name: 'history',
    text: selectHistory,
    values: [userId, pageSize, (page - 1) * pageSize],
  })
  const items = rows.map((row) => ({
    purchaseId: row.id,
    payToViewProductId: row.product_id,
    entityId: row.entity_id,
    entityType: row.entity_id.startsWith('vid_') ? 1 : row.entity_id.startsWith('chan_') ? 2 : 3,
    status: row.status,
    processing: row.processing,
    amount: row.amount,
    amountRefunded: row.amount_refunded,
    currency: row.currency,
    externalTransactionId: row.external_transaction_id,
    createdAt: toIso(row.created_at),
    completedAt: toIso(row.completed_at),
    expiresAt: toIso(row.expires_at),
    refundedAt: toIso(row.refunded_at),
    hasAccess: row.has_access,
  }))
  return { items, page, pageSize, totalCount: Number(rows[0]?.total ?? 0) }
}

export const readAccess = async (db: pg.Pool, userId: string, entityId: string) => {
  const { rows } = await db.query<{ purchase_id: string; expires_at: Date | null }>({
    name: 'access',
    text: selectAccess,
    values: [userId, entityId],
  })
  const [grant] = rows
  const state = {
    hasAccess: grant !== undefined,
    expiresAt: toIso(grant?.expires_at ?? null),
    purchaseId: grant?.purchase_id ?? null,
  }
  return { items: [{ entityId, ...state }] }
}
