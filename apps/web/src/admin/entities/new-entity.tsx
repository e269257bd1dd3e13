import { useMutation } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { Page } from '../../components/page.tsx'
import { useShop } from '../../context.tsx'
import { entityAdminPath } from '../admin-paths.ts'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { type Entity, entityById } from '../catalog/search-entities.ts'
import { InvalidFieldsError } from '../fields/field-errors.ts'
import { EntityForm } from './entity-form.tsx'

type Input = Parameters<Parameters<typeof EntityForm>[0]['onSave']>[0]

export const NewEntity = () => {
  const { client } = useShop()
  const [, navigate] = useLocation()
  const refresh = useRefreshCatalog()
  const create = useMutation({
    mutationFn: async (input: Input): Promise<Entity> => {
      // PUT would replace an existing entity, so the page checks first that the id is free.
      if (input.id !== undefined && (await entityById(client, input.id)))
        throw new InvalidFieldsError({ id: 'This ID is taken. Enter another one' })
      return client.admin.entities.put.mutate(input)
    },
    onSuccess: async ({ id }) => {
      await refresh()
      navigate(entityAdminPath(id))
    },
  })
  return (
    <Page title="New title">
      <EntityForm entity={null} isSaving={create.isPending} error={create.error} onSave={create.mutate}>
        <Link href="/entities">Cancel</Link>
      </EntityForm>
    </Page>
  )
}
