import type { Fault } from './plan.ts'
import { injectPurchaseFault } from './purchase-faults.ts'
import type { PurchaseScenario } from './scenarios/scenario.ts'
import { silenceStripe } from './silent-stripe.ts'
import type { ChaosStack } from './stack.ts'

/** Resolves when the fault is over. For Stripe faults, resolves as soon as the fault is active. */
export const injectFault = async (stack: ChaosStack, fault: Fault, scenarios: readonly PurchaseScenario[]): Promise<void> => {
  switch (fault.kind) {
    case 'kill':
      // The hit counts are collected first, because the emulator loses them when it is killed.
      if (fault.service === 'Stripe emulator') await stack.emulatorFaults.collectHits().catch(() => undefined)
      return stack.service(fault.service).kill(fault.downtimeMs)
    case 'disconnect':
      return stack.proxy(fault.connection).disconnect(fault.durationMs)
    case 'stall':
      return stack.proxy(fault.connection).stall(fault.durationMs)
    case 'latency':
      return stack.proxy(fault.connection).addLatency(fault.durationMs, fault.latencyMs)
    case 'stripe':
      // Errors are ignored: if the emulator is down, Stripe is already unavailable.
      await stack.emulatorFaults.add(fault.fault).catch(() => undefined)
      return
    case 'cancel_during_refund':
    case 'poison_event':
    case 'unreadable_signal':
      return injectPurchaseFault(stack, fault, scenarios)
    case 'silent_stripe':
      return silenceStripe(stack.driver, stack.proxy('servers to Stripe'), fault)
    default:
      return fault satisfies never
  }
}

export const describeFault = (fault: Fault): string => {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${fault.service}, restart after ${fault.downtimeMs} ms`
    case 'disconnect':
    case 'stall':
      return `${fault.kind} ${fault.connection} for ${fault.durationMs} ms`
    case 'latency':
      return `${fault.latencyMs} ms latency from ${fault.connection} for ${fault.durationMs} ms`
    case 'stripe':
      return `Stripe ${fault.fault.on} ${fault.fault.effect}`
    case 'cancel_during_refund':
      return `workflow canceled ${fault.delayMs} ms after a request for a partial refund without an idempotency key`
    case 'poison_event':
      return 'event that combines one purchase with the payment of another purchase'
    case 'unreadable_signal':
      return `signal with ${fault.encoding} encoding`
    case 'silent_stripe':
      return `Stripe silent for ${fault.durationMs} ms while users create purchases; access checks are measured`
    default:
      return fault satisfies never
  }
}
