import { describe, expect, test } from 'vitest'
import { newProduct, productChange } from '../src/admin/products/fields.ts'

const film = { name: 'Film', amount: 499, currency: 'usd', accessDurationDays: null }
const invalidField = (changes: object): unknown => newProduct.safeParse({ ...film, ...changes }).error?.issues[0]?.path[0] ?? null

describe('a product', () => {
  test.each([
    [{}, null],
    [{ amount: 0 }, 'amount'],
    [{ currency: 'USD' }, 'currency'],
    [{ currency: 'zzz' }, 'currency'],
    [{ amount: 1250, currency: 'kwd' }, null],
    [{ amount: 1255, currency: 'kwd' }, 'amount'],
    [{ amount: 50_050, currency: 'isk' }, 'amount'],
    [{ accessDurationDays: 0 }, 'accessDurationDays'],
    [{ name: '  ' }, 'name'],
  ])('%j', (changes, field) => {
    expect(invalidField(changes)).toBe(field)
  })

  test('can be changed in part', () => {
    const payToViewProductId = 'prod_01m85eetz6e8qthwvnjjs5zz41'
    expect(productChange.safeParse({ payToViewProductId, active: false }).success).toBe(true)
    expect(productChange.safeParse({ payToViewProductId, amount: 0 }).success).toBe(false)
  })
})
