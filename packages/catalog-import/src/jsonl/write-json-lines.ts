import type { ExportedEntity } from '../exported-entity.ts'

/** The fields that an import reads. Fields that pay-to-view itself sets, such as a cancellation, are not exported. */
const importedFields = ({ memberOf, ...entity }: ExportedEntity) => ({
  ...{ id: entity.id, type: entity.type, title: entity.title, description: entity.description, imageUrl: entity.imageUrl },
  ...{ durationSeconds: entity.durationSeconds, status: entity.status, availableFrom: entity.availableFrom },
  ...{ availableUntil: entity.availableUntil, playback: entity.playback, metadata: entity.metadata },
  memberOf: memberOf.map(({ id, position }) => (position === null ? id : { id, position })),
})

/**
 * Writes entities as lines that `parseCatalog` reads back: one line for each entity, and one line with only the id and the product for each
 * additional product.
 */
export const jsonLines = (entities: readonly ExportedEntity[]): string =>
  entities
    .flatMap((entity) => {
      const [first, ...others] = entity.products
      return [{ ...importedFields(entity), ...first }, ...others.map((terms) => ({ id: entity.id, ...terms }))]
    })
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
