import { readFileSync } from 'node:fs'
import path from 'node:path'
import { alertSeverity, kindsOfSeverity } from '@pay-to-view/db'
import { repositoryRoot } from '@pay-to-view/devstack'
import { execa, execaSync } from 'execa'
import { expect, test } from 'vitest'

const rules = readFileSync(path.join(repositoryRoot, 'docs/observability/alerts.yml'), 'utf8')
// .ci/run installs promtool with Prometheus; other machines that run `npm test` may lack it.
const isPromtoolInstalled = execaSync('promtool', ['--version'], { reject: false }).exitCode === 0

test('no rule requests a decision about alerts that need no decision or have their own rule', () => {
  const [, excluded = ''] = /OperatorDecisionNeeded\n.*pay_to_view_alerts_open\{kind!~"([\w|]+)"\}/.exec(rules) ?? []
  const { kinds } = kindsOfSeverity('action')
  expect(kinds.map(alertSeverity)).not.toContain('action')
  expect(excluded.split('|').sort()).toEqual([...kinds].sort())
})

test.skipIf(!isPromtoolInstalled)('the rules fire only as alerting-rules.test.yml specifies', async () => {
  const file = path.join(import.meta.dirname, 'observability/alerting-rules.test.yml')
  const { exitCode, stdout, stderr } = await execa('promtool', ['test', 'rules', file], { reject: false })
  expect([exitCode, stdout + stderr]).toEqual([0, expect.stringContaining('SUCCESS')])
})
