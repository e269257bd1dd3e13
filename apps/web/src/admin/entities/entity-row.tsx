import { Link } from 'wouter'
import { EntityImage } from '../../catalog/entity-image.tsx'
import { entityTypeName, formatDuration } from '../../format.ts'
import { entityAdminPath } from '../admin-paths.ts'
import type { Entity } from '../catalog/search-entities.ts'

export const EntityBadges = ({ entity: { type, status } }: { entity: Pick<Entity, 'type' | 'status'> }) => (
  <>
    <span className="badge">{entityTypeName(type)}</span>
    <span className={`badge ${status === 'published' ? 'good' : ''}`}>{status}</span>
  </>
)

/** An entity in the list of the catalog. */
export const EntityRow = ({ entity }: { entity: Entity }) => (
  <li>
    <EntityImage entity={entity} />
    <div>
      <Link href={entityAdminPath(entity.id)}>
        <bdi>{entity.title}</bdi>
      </Link>
      <small className="muted">
        <code>{entity.id}</code>
        {entity.durationSeconds !== null && ` · ${formatDuration(entity.durationSeconds)}`}
      </small>
    </div>
    <div className="badges">
      <EntityBadges entity={entity} />
    </div>
  </li>
)
