import { expect, test } from 'vitest'
import { createImportPlan } from '../src/index.ts'
import { readFile } from './read-file.ts'

const plan = async (csv: string) => {
  const { rows } = await readFile(csv)
  const plan = createImportPlan()
  const errors = rows.map((row) => plan.add(row))
  return {
    levels: rows.map((row) => [row.id, plan.levelOf(row)]),
    maxLevel: plan.maxLevel(),
    errors: errors.filter((error) => error !== null),
  }
}

test('containers come before their members, wherever they are in the file', async () => {
  const csv = 'id,type,member_of\nfilm,video,season existing\nseason,content,series\nseries,channel,\nother,video,existing\n'
  expect(await plan(csv)).toMatchObject({
    levels: [
      ['film', 2],
      ['season', 1],
      ['series', 0],
      ['other', 0],
    ],
    maxLevel: 2,
  })
})

test('levels are capped for a cycle or a chain that is too long, which the database then rejects', async () => {
  expect((await plan('id,type,member_of\na,channel,b\nb,channel,a\nc,video,a\n')).levels).toEqual([
    ['a', 8],
    ['b', 8],
    ['c', 8],
  ])
  const chain = Array.from({ length: 12 }, (_, index) => `c${index},channel,c${index + 1}`).join('\n')
  expect((await plan(`id,type,member_of\n${chain}\n`)).maxLevel).toBe(8)
})

test('a second row for the same entity is reported with the line of the first one', async () => {
  const { errors } = await plan('id,title,price_usd\na,A,4.99\na,,12.99\nb,B,\na,A again,\n')
  expect(errors).toEqual([
    { line: 5, column: 'id', message: expect.stringContaining('a is already on line 2. Remove one of the rows') },
  ])
})
