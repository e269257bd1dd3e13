import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorText, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { productAdminPath } from '../admin-paths.ts'
import { Finder } from '../catalog/finder.tsx'
import { offerTerms } from '../catalog/offer-terms.ts'
import { saleProblem } from '../catalog/sale-problem.ts'
import type { Entity } from '../catalog/search-entities.ts'
import { useOfferChanges } from '../catalog/use-offer-changes.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'

type Product = Outputs['admin']['products']['get']

const pageSize = 50

/** The products that are offered for an entity. */
export const EntityOffers = ({ entity }: { entity: Entity }) => {
  const { client } = useShop()
  const user = useUser()
  const [removing, setRemoving] = useState<Product | null>(null)
  const offers = useInfiniteQuery({
    queryKey: ['admin', user, 'products-of', entity.id],
    queryFn: ({ pageParam }) => client.admin.products.list.query({ entityId: entity.id, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const { add, remove } = useOfferChanges(() => setRemoving(null))
  const products = offers.data?.pages.flatMap(({ items }) => items)
  return (
    <section aria-labelledby="offers">
      <h2 id="offers">Offers</h2>
      {offers.isPending && <Loading />}
      {offers.isError && !products && <ErrorText error={offers.error} />}
      {products?.length === 0 && <p className="muted">No product is offered for this title, so it can't be bought.</p>}
      <ul className="rows" aria-label="Products">
        {products?.map((product) => (
          <OfferRow
            key={product.id}
            product={product}
            problem={saleProblem({ entity, product })}
            onRemove={() => {
              remove.reset()
              setRemoving(product)
            }}
          />
        ))}
      </ul>
      <ShowMore query={offers} name="products" />
      <Finder
        label="Add a product"
        fieldLabel="Search products by name or ID"
        scope="products"
        search={async (query) => {
          const filter = { query: query === '' ? undefined : query, status: 'active' as const, limit: 50 }
          const { items } = await client.admin.products.list.query(filter)
          return items.map((product) => ({ id: product.id, title: product.name, detail: offerTerms(product) }))
        }}
        excludedIds={products?.map(({ id }) => id) ?? []}
        action="Add"
        isPending={add.isPending}
        error={add.error}
        onSelect={({ id }) => add.mutate({ id, entityId: entity.id })}
      />
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          action="Remove"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate({ id: removing.id, entityId: entity.id })}
          onClose={() => setRemoving(null)}
        >
          <p>{entity.title} will no longer be sold with this product. Users who bought it keep their access.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

const OfferRow = ({ product, problem, onRemove }: { product: Product; problem: string | null; onRemove: () => void }) => (
  <li>
    <div>
      <Link href={productAdminPath(product.id)}>
        <bdi>{product.name}</bdi>
      </Link>
      <small className="muted">{offerTerms(product)}</small>
      {problem !== null && <small className="error-text">Not on sale. {problem}</small>}
    </div>
    <button type="button" className="secondary" onClick={onRemove}>
      Remove…<span className="visually-hidden"> {product.name}</span>
    </button>
  </li>
)
