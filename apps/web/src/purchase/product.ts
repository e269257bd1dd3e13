import type { Outputs } from '@pay-to-view/client'

/** A product that is offered for an entity. */
export type Product = Outputs['entities']['get']['products'][number]
export type Price = Product['prices'][number]
