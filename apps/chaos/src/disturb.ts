import type { Fault } from './plan.ts'
import type { Site } from './site.ts'

/** Makes one thing go wrong. Fulfilled when it is over, or for Stripe when it has begun. */
export const disturb = async (site: Site, fault: Fault): Promise<void> => {
  switch (fault.kind) {
    case 'kill':
      if (fault.part === 'Stripe') await site.troubles.count().catch(() => undefined)
      return site.part(fault.part).kill(fault.down)
    case 'cut':
      return site.link(fault.link).cut(fault.lasts)
    case 'hold':
      return site.link(fault.link).hold(fault.lasts)
    case 'slow':
      return site.link(fault.link).slow(fault.lasts, fault.by)
    case 'stripe':
      // It may be down just now: then nothing is wrong with its answers either, there are none.
      await site.troubles.add(fault.trouble).catch(() => undefined)
      return
    default:
      return fault satisfies never
  }
}

export const describe = (fault: Fault): string => {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 of ${fault.part}, for ${fault.down} ms`
    case 'cut':
    case 'hold':
      return `${fault.kind} ${fault.link} for ${fault.lasts} ms`
    case 'slow':
      return `slow ${fault.link} by ${fault.by} ms for ${fault.lasts} ms`
    case 'stripe':
      return `stripe ${fault.trouble.on} ${fault.trouble.effect}`
    default:
      return fault satisfies never
  }
}
