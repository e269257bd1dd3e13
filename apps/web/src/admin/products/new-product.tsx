import { problemOf } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { Link, useLocation } from 'wouter'
import { Page } from '../../components/page.tsx'
import { useShop } from '../../context.tsx'
import { productAdminPath } from '../admin-paths.ts'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { InvalidFieldsError } from '../fields/field-errors.ts'
import type { Product } from './product-draft.ts'
import { ProductForm } from './product-form.tsx'

type Input = Parameters<Parameters<typeof ProductForm>[0]['onSave']>[0]

export const NewProduct = () => {
  const { client } = useShop()
  const [, navigate] = useLocation()
  const refresh = useRefreshCatalog()
  const isTaken = async (id: string): Promise<boolean> => {
    try {
      await client.admin.products.get.query({ id })
      return true
    } catch (error) {
      // The product does not exist, or the id is invalid. The API rejects an invalid id when the product is saved.
      if (problemOf(error)) return false
      throw error
    }
  }
  const create = useMutation({
    mutationFn: async (input: Input): Promise<Product> => {
      // PUT would replace an existing product, so the page checks first that the id is free.
      if (input.id !== undefined && (await isTaken(input.id)))
        throw new InvalidFieldsError({ id: 'This ID is taken. Enter another one' })
      return client.admin.products.put.mutate(input)
    },
    onSuccess: async ({ id }) => {
      await refresh()
      navigate(productAdminPath(id))
    },
  })
  return (
    <Page title="New product">
      <ProductForm product={null} isSaving={create.isPending} error={create.error} onSave={create.mutate}>
        <Link href="/products">Cancel</Link>
      </ProductForm>
    </Page>
  )
}
