import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import Stripe from 'stripe'
import { routes } from '../src/v1/routes.ts'
import { literalsOf, parameterTree, stripeNodeRoutes, type Tree } from './stripe-node.ts'

/**
 * Writes the parameters that Stripe's API accepts to src/http/stripe-api.txt, based on this repository's stripe-node version. With this
 * file, the emulator can distinguish a parameter that Stripe does not have from a parameter that only the emulator does not support. Run
 * this script after updating stripe-node: npx tsx apps/stripe-emulator/scripts/stripe-api.ts
 */
const FILE = new URL('../src/http/stripe-api.txt', import.meta.url)

const toText = (tree: Tree): string =>
  Object.entries(tree)
    .map(([name, inner]) => (inner ? `${name}{${toText(inner)}}` : name))
    .join(' ')

export const stripeApiText = (): string => {
  const emulated = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  const lines = [...stripeNodeRoutes()].map(([route, params]) =>
    emulated.has(route) ? `${route} ${toText(parameterTree(params))}`.trim() : route,
  )
  const endpoints = 'WebhookEndpoints.js'
  return [
    `# Made by scripts/stripe-api.ts from stripe-node ${Stripe.PACKAGE_VERSION}. Parameters are listed for the emulated endpoints only.`,
    `api_versions ${literalsOf(endpoints, ['WebhookEndpointCreateParams', 'ApiVersion']).join(' ')}`,
    `event_types ${literalsOf(endpoints, ['WebhookEndpointCreateParams', 'EnabledEvent']).join(' ')}`,
    ...lines.sort(),
    '',
  ].join('\n')
}

export const currentStripeApiText = (): string => readFileSync(FILE, 'utf8')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(FILE, stripeApiText())
