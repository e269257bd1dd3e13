import type { ExportedEntity } from '../exported-entity.ts'

/** The fields that an import reads. What pay-to-view itself knows about an entity, such as its cancellation, is not exported. */
const importedFields = ({ memberOf, ...entity }: ExportedEntity) => ({
  ...{ id: entity.id, type: entity.type, title: entity.title, description: entity.description, imageUrl: entity.imageUrl },
  ...{ durationSeconds: entity.durationSeconds, status: entity.status, availableFrom: entity.availableFrom },
  ...{ availableUntil: entity.availableUntil, playback: entity.playback, metadata: entity.metadata },
  memberOf: memberOf.map(({ id, position }) => (position === null ? id : { id, position })),
})

/** The lines of entities, which `parseCatalog` reads back: one for each entity, and one with only its id for each additional product. */
export const jsonLines = (entities: readonly ExportedEntity[]): string =>
  entities
    .flatMap((entity) => {
      const [first, ...others] = entity.products
      return [{ ...importedFields(entity), ...first }, ...others.map((terms) => ({ id: entity.id, ...terms }))]
    })
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
