import type { ExportedEntity } from '../exported-entity.ts'

/** The lines of entities, which `parseCatalog` reads back: one for each entity, and one with only its id for each additional product. */
export const jsonLines = (entities: readonly ExportedEntity[]): string =>
  entities
    .flatMap(({ products, memberOf, ...entity }) => {
      const [first, ...others] = products
      const containers = memberOf.map(({ id, position }) => (position === null ? id : { id, position }))
      return [{ ...entity, memberOf: containers, ...first }, ...others.map((terms) => ({ id: entity.id, ...terms }))]
    })
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
