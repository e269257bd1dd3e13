import { Link } from 'wouter'
import { EntityImage } from '../../catalog/entity-image.tsx'
import { entityTypeName, formatDuration } from '../../format.ts'
import { entityAdminPath } from '../admin-paths.ts'
import type { Entity } from '../catalog/search-entities.ts'

interface EntityBadgesProps {
  entity: Pick<Entity, 'type' | 'status'>
  /** If true, "canceled" is shown instead of the status, because a canceled title cannot be bought, whatever its status. */
  isCanceled?: boolean
}

export const EntityBadges = ({ entity: { type, status }, isCanceled = false }: EntityBadgesProps) => (
  <>
    <span className="badge">{entityTypeName(type)}</span>{' '}
    {isCanceled ? (
      <span className="badge bad">canceled</span>
    ) : (
      <span className={`badge ${status === 'published' ? 'good' : ''}`}>{status}</span>
    )}
  </>
)

/** An entity in the catalog list. */
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
