import type { Inputs } from '@pay-to-view/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { ErrorNotice, Loading, Notice } from '../../components/notice.tsx'
import { Page } from '../../components/page.tsx'
import { useShop, useUser } from '../../context.tsx'
import { ObjectHistory } from '../catalog/object-history.tsx'
import { offerTerms } from '../catalog/offer-terms.ts'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { saleProblem } from '../catalog/sale-problem.ts'
import { SuccessMessage } from '../success-message.tsx'
import type { Product } from './product-draft.ts'
import { ProductForm } from './product-form.tsx'
import { ProductOffers } from './product-offers.tsx'
import { WithdrawProduct } from './withdraw-product.tsx'

/** One product: its fields, the entities for which it is offered, and its latest changes. */
export const ProductPage = ({ id }: { id: string }) => {
  const { client } = useShop()
  const user = useUser()
  const product = useQuery({
    queryKey: ['admin', user, 'product', id],
    queryFn: () => client.admin.products.get.query({ id }),
  })
  if (product.data) return <LoadedProduct product={product.data} />
  return (
    <Page title="Product">
      {product.isError ? (
        <ErrorNotice
          error={product.error}
          retry={() => void product.refetch()}
          fallbackAction={
            <Link className="button" href="/products">
              All products
            </Link>
          }
        />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

const LoadedProduct = ({ product }: { product: Product }) => {
  const { client } = useShop()
  const user = useUser()
  const refresh = useRefreshCatalog()
  const [saveCount, setSaveCount] = useState(0)
  const offers = useQuery({
    queryKey: ['admin', user, 'offer-count', product.id],
    queryFn: () => client.admin.products.offers.count.query({ id: product.id }),
  })
  const save = useMutation({
    mutationFn: (input: Inputs['admin']['products']['put']) => client.admin.products.put.mutate({ ...input, id: product.id }),
    onSuccess: async () => {
      await refresh()
      setSaveCount((count) => count + 1)
    },
  })
  const problem = saleProblem({ product })
  const offerCount = offers.data?.count ?? 0
  return (
    <Page title={product.name}>
      <p className="row">
        <span className={`badge ${product.status === 'active' ? 'good' : ''}`}>{product.status}</span>
        <span>{offerTerms(product)}</span>
        <code>{product.id}</code>
      </p>
      {problem !== null && (
        <Notice title="Not on sale">
          <p>{problem}</p>
        </Notice>
      )}
      <ProductOffers product={product} offerCount={offerCount} />
      <section aria-labelledby="edit">
        <h2 id="edit">Edit</h2>
        {/* After a save, the key changes, which resets the fields to the stored values. Another operator's change does not reset them. */}
        <ProductForm
          key={`${saveCount} ${product.status}`}
          product={product}
          offerCount={offerCount}
          isSaving={save.isPending}
          error={save.error}
          onSave={(input) => save.mutate(input)}
        />
        <SuccessMessage>{save.isSuccess ? 'Saved. Open checkouts keep their price.' : null}</SuccessMessage>
      </section>
      <WithdrawProduct product={product} offerCount={offerCount} />
      <ObjectHistory id={product.id} />
    </Page>
  )
}
