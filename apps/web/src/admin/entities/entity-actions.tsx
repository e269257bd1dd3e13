import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { useShop } from '../../context.tsx'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { CatalogError } from '../fields/form-errors.tsx'
import { withStatus } from './entity-draft.ts'

/** Archives, republishes or deletes an entity. */
export const EntityActions = ({ entity }: { entity: Entity }) => {
  const { client } = useShop()
  const [, navigate] = useLocation()
  const refresh = useRefreshCatalog()
  const [confirming, setConfirming] = useState<'archive' | 'delete' | null>(null)
  const changeStatus = useMutation({
    mutationFn: (status: Entity['status']) => client.admin.entities.put.mutate(withStatus(entity, status)),
    onSuccess: async () => {
      await refresh()
      // If another dialog was opened while the request to republish the entity was pending, that dialog stays open.
      setConfirming((current) => (current === 'archive' ? null : current))
    },
  })
  const remove = useMutation({
    mutationFn: () => client.admin.entities.remove.mutate({ id: entity.id }),
    onSuccess: async () => {
      navigate('/entities', { replace: true })
      await refresh()
    },
  })
  const confirm = (action: 'archive' | 'delete'): void => {
    changeStatus.reset()
    remove.reset()
    setConfirming(action)
  }
  const isArchived = entity.status === 'archived'
  return (
    <section aria-labelledby="remove">
      <h2 id="remove">{isArchived ? 'Publish or delete' : 'Archive or delete'}</h2>
      <div className="row">
        {isArchived ? (
          <button type="button" className="secondary" onClick={() => changeStatus.mutate('published')}>
            Publish again
          </button>
        ) : (
          <button type="button" className="secondary" onClick={() => confirm('archive')}>
            Archive…
          </button>
        )}
        <button type="button" className="secondary" onClick={() => confirm('delete')}>
          Delete…
        </button>
      </div>
      {confirming === null && changeStatus.isError && <CatalogError error={changeStatus.error} />}
      {confirming === 'archive' && (
        <ConfirmDialog
          title={`Archive ${entity.title}?`}
          action="Archive"
          isPending={changeStatus.isPending}
          error={changeStatus.error}
          onConfirm={() => changeStatus.mutate('archived')}
          onClose={() => setConfirming(null)}
        >
          <p>It will no longer be listed or sold. Users who bought it keep their access.</p>
        </ConfirmDialog>
      )}
      {confirming === 'delete' && (
        <ConfirmDialog
          title={`Delete ${entity.title}?`}
          action="Delete"
          isPending={remove.isPending}
          error={null}
          onConfirm={() => remove.mutate()}
          onClose={() => setConfirming(null)}
        >
          <p>
            Its offers and memberships will be deleted too. A title cannot be deleted once it was granted or a checkout was
            started.
          </p>
          {remove.isError && <CatalogError error={remove.error} />}
        </ConfirmDialog>
      )}
    </section>
  )
}
