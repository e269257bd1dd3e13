import type { Task } from '../store/wire.ts'
import { NOBODY, type World } from '../world.ts'
import { expireByClock } from './checkout.ts'
import { type DisputeStep, getDispute, possibleSteps, takeStep } from './disputes.ts'
import { settle } from './payments.ts'
import { changeRefund } from './refunds.ts'

/** What happens by itself when its time has come, unless something else happened first. */
export const runTask = (world: World, task: Task): void =>
  world.transaction(NOBODY, () => {
    world.store.tasks.remove(task.id)
    HAPPENINGS[task.kind](world, task.object)
  })

const HAPPENINGS: Record<Task['kind'], (world: World, id: string) => void> = {
  'session.expire': expireByClock,
  'payment.settle': (world, id) => {
    if (world.store.paymentIntents.get(id)?.status === 'processing') settle(world, id, 'succeeded')
  },
  'refund.succeed': (world, id) => {
    if (world.store.refunds.get(id)?.status === 'pending') changeRefund(world, id, 'succeeded')
  },
  'refund.fail': (world, id) => {
    if (world.store.refunds.get(id)?.status === 'succeeded') changeRefund(world, id, 'failed')
  },
  // An inquiry that is answered, well or badly, is closed; only a chargeback is won or lost.
  'dispute.win': (world, id) => takePossibleStep(world, id, ['win', 'close_warning']),
  'dispute.lose': (world, id) => takePossibleStep(world, id, ['lose', 'close_warning']),
  'dispute.escalate': (world, id) => takePossibleStep(world, id, ['escalate']),
}

const takePossibleStep = (world: World, id: string, wanted: DisputeStep[]): void => {
  const step = possibleSteps(getDispute(world, id).status).find((possible) => wanted.includes(possible))
  if (step) takeStep(world, id, step)
}
