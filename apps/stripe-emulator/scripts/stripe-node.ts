import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { newScope, parseDeclarations, type Scope, type Type } from './declarations.ts'

/** A tree of parameter names. Null marks a leaf, which is a value or a map with arbitrary keys, such as metadata. */
export interface Tree {
  [name: string]: Tree | null
}

const RESOURCES = join(dirname(createRequire(import.meta.url).resolve('stripe')), '../esm/resources')

const readResource = (name: string): string => readFileSync(join(RESOURCES, name), 'utf8')

/** Returns every stripe-node method that calls /v1, for example "POST /v1/refunds/:id", with the declared type of its parameters. */
export const stripeNodeRoutes = (): Map<string, { file: string; type: Type | undefined }> => {
  const routes = new Map<string, { file: string; type: Type | undefined }>()
  const files = readdirSync(RESOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.js') && !name.startsWith('V2'),
  )
  for (const file of files) {
    const declarations = readResource(file.replace(/\.js$/, '.d.ts'))
    for (const [, method, call] of readResource(file).matchAll(/^ {4}(\w+)\([^)]*\) \{\n([\s\S]*?)^ {4}\}/gm))
      for (const [, verb, quoted] of (call ?? '').matchAll(/_makeRequest\('(\w+)', ['`](\/v1\/[^'`]+)['`]/g)) {
        const path = (quoted ?? '').replaceAll(/\$\{encodeURIComponent\((\w+)\)\}/g, ':$1')
        const [, params] = new RegExp(`^ {4}${method}\\((?:\\w+: string, )*params\\??: ([\\w.]+)`, 'm').exec(declarations) ?? []
        routes.set(`${verb} ${path}`, {
          file,
          type: params ? { kind: 'reference', path: params.split('.'), args: [] } : undefined,
        })
      }
  }
  return routes
}

const scopes = new Map<string, Scope>()

const scopeOf = (file: string): Scope => {
  const known = scopes.get(file)
  if (known) return known
  const shared = newScope()
  parseDeclarations(readResource('../shared.d.ts'), shared)
  const scope = newScope(shared)
  parseDeclarations(readResource(file.replace(/\.js$/, '.d.ts')), scope)
  scopes.set(file, scope)
  return scope
}

/** Returns the names of all parameters of a method, including nested parameters. */
export const parameterTree = ({ file, type }: { file: string; type: Type | undefined }): Tree => {
  const { expand: _, ...tree } = (type && membersOf(type, scopeOf(file))) ?? {}
  return tree
}

/** Returns the values of a type that is a union of string literals, such as a webhook endpoint's event types. */
export const literalsOf = (file: string, path: string[]): string[] => {
  const found = lookUp(path, scopeOf(file))
  return found?.alias?.kind === 'union' ? found.alias.of.flatMap((type) => (type.kind === 'literal' ? [type.value] : [])) : []
}

/** Returns null if the type is a plain value or a map; otherwise returns the members of all its alternatives. */
const membersOf = (type: Type, scope: Scope): Tree | null => {
  if (type.kind === 'literal') return null
  if (type.kind === 'union') return merge(type.of.map((one) => membersOf(one, scope)))
  if (type.kind === 'object') return treeOf(type.members, scope)
  if (type.path[0] === 'Array' || type.path[0] === 'Emptyable') return type.args[0] ? membersOf(type.args[0], scope) : null
  const found = lookUp(type.path, scope)
  if (found?.alias) return membersOf(found.alias, found.scope)
  if (!found?.members) return null
  return merge([treeOf(found.members, found.scope), ...found.bases.map((base) => membersOf(base, found.scope))])
}

const treeOf = (members: Map<string, Type>, scope: Scope): Tree | null =>
  members.has('[key]') ? null : Object.fromEntries([...members].map(([name, type]) => [name, membersOf(type, scope)]))

const merge = (trees: (Tree | null)[]): Tree | null => {
  const objects = trees.filter((tree) => tree !== null)
  return objects.length === 0 ? null : Object.assign({}, ...objects)
}

type Found = { scope: Scope; members?: Map<string, Type>; bases: Type[]; alias?: Type }

const lookUp = (path: string[], scope: Scope | undefined): Found | undefined => {
  if (!scope) return undefined
  const name = path.at(-1) ?? ''
  const inner = path.slice(0, -1).reduce<Scope | undefined>((at, part) => at?.namespaces.get(part), scope)
  const declared = inner?.interfaces.get(name)
  const alias = inner?.aliases.get(name)
  if (inner && (declared || alias))
    return { scope: inner, bases: declared?.bases ?? [], ...(declared && { members: declared.members }), ...(alias && { alias }) }
  return lookUp(path, scope.parent)
}
