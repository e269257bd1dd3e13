import type { CatalogRow, RowError } from './types.ts'

/**
 * An entity can have at most eight levels of containers above it. Deeper chains and cycles are capped at this level, and the database
 * rejects them.
 */
const maxLevel = 8

/**
 * The level of each container in a file: 0 if no container in the file contains it, otherwise one more than the highest level among its
 * containers.
 */
const levelsOf = (containersOf: ReadonlyMap<string, readonly string[]>): Map<string, number> => {
  const levels = new Map([...containersOf.keys()].map((id) => [id, 0]))
  for (let round = 0; round < maxLevel; round++) {
    for (const [id, containers] of containersOf) {
      const above = Math.max(-1, ...containers.map((container) => levels.get(container) ?? -1))
      levels.set(id, Math.min(above + 1, maxLevel))
    }
  }
  return levels
}

/**
 * Decides which rows of a file are imported, and in which order. A container may appear after its members in the file, so the file is read
 * several times, once for each level. Keeps the id and line of every row in memory, and also the containers of rows that can contain other
 * entities.
 */
export const createImportPlan = () => {
  const lines = new Map<string, number>()
  const containersOf = new Map<string, string[]>()
  let levels: Map<string, number> | null = null

  const idsIn = ({ fields }: CatalogRow): string[] => fields.memberOf?.map(({ id }) => id) ?? []
  const levelOf = (row: CatalogRow): number => {
    levels ??= levelsOf(containersOf)
    const containers = idsIn(row).map((id) => levels?.get(id) ?? -1)
    return levels.get(row.id) ?? Math.min(Math.max(-1, ...containers) + 1, maxLevel)
  }

  return {
    /** Must be called for every row, in file order, before `levelOf`. Returns an error for a row that must not be imported. */
    add: (row: CatalogRow): RowError | null => {
      const { id, line, fields } = row
      const firstLine = lines.get(id)
      if (firstLine !== undefined) {
        const hint = `Remove one of the rows. To add a product, put a row with only the id and a price directly below line ${firstLine}`
        return { line, column: 'id', message: `${id} is already on line ${firstLine}. ${hint}` }
      }
      lines.set(id, line)
      if (fields.type !== 'video') containersOf.set(id, idsIn(row))
      return null
    },
    /** Whether this row was added and not rejected. */
    includes: ({ id, line }: CatalogRow): boolean => lines.get(id) === line,
    hasContainer: (id: string): boolean => containersOf.has(id),
    levelOf,
    /** The highest level that a row can have. */
    maxLevel: (): number => {
      levels ??= levelsOf(containersOf)
      return Math.min(Math.max(-1, ...levels.values()) + 1, maxLevel)
    },
  }
}
export type ImportPlan = ReturnType<typeof createImportPlan>
