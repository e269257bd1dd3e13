import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ErrorNotice, Loading } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop, useUser } from '../context.tsx'
import { type ProductFields, ProductForm } from './product-form.tsx'
import { ProductRow } from './product-row.tsx'
import { useReturnFocus } from './use-return-focus.ts'

/** All products, with forms to create, edit, archive and offer them. */
export const Products = () => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const [isAdding, setAdding] = useState(false)
  const newButton = useReturnFocus(isAdding)
  const products = useQuery({
    queryKey: ['admin', user, 'products'],
    queryFn: () => client.admin.products.list.query({ limit: 200 }),
  })
  const entities = useQuery({
    queryKey: ['admin', user, 'entities'],
    queryFn: () => client.admin.entities.list.query({ limit: 200 }),
  })
  const refresh = () =>
    queries.invalidateQueries({
      predicate: ({ queryKey: [scope] }) => scope === 'admin' || scope === 'entity' || scope === 'entities',
    })
  const create = useMutation({
    mutationFn: ({ amount, currency, ...fields }: ProductFields) =>
      client.admin.products.put.mutate({ ...fields, prices: [{ amount, currency }] }),
    onSuccess: async () => {
      await refresh()
      setAdding(false)
    },
  })
  return (
    <Page title="Products">
      {isAdding ? (
        <ProductForm
          isSaving={create.isPending}
          error={create.error}
          onCancel={() => setAdding(false)}
          onSave={(fields) => create.mutate(fields)}
        />
      ) : (
        <button
          ref={newButton}
          type="button"
          // Invalidating a query has no effect during its first load.
          disabled={products.isPending}
          onClick={() => {
            create.reset()
            setAdding(true)
          }}
        >
          New product
        </button>
      )}
      {products.isPending && <Loading />}
      {products.isError && <ErrorNotice error={products.error} retry={() => void products.refetch()} />}
      <ul className="products">
        {products.data?.items.map((product) => (
          <li key={product.id}>
            <ProductRow product={product} entities={entities.data?.items ?? []} refresh={refresh} />
          </li>
        ))}
      </ul>
    </Page>
  )
}
