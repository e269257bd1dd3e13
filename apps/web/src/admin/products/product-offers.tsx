import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { cursorPages } from '../../components/cursor-pages.ts'
import { ErrorText, Loading } from '../../components/notice.tsx'
import { ShowMore } from '../../components/show-more.tsx'
import { useShop, useUser } from '../../context.tsx'
import { entityAdminPath } from '../admin-paths.ts'
import { Finder } from '../catalog/finder.tsx'
import { searchEntities, toFound } from '../catalog/search-entities.ts'
import { useOfferChanges } from '../catalog/use-offer-changes.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { EntityBadges } from '../entities/entity-row.tsx'
import type { Product } from './product-draft.ts'
import { countText } from './product-form.tsx'

type Offer = Outputs['admin']['products']['offers']['list']['items'][number]

const pageSize = 20

/** The entities for which a product is offered. */
export const ProductOffers = ({ product, offerCount }: { product: Product; offerCount: number }) => {
  const { client } = useShop()
  const user = useUser()
  const [removing, setRemoving] = useState<Offer | null>(null)
  const offers = useInfiniteQuery({
    queryKey: ['admin', user, 'offers', product.id],
    queryFn: ({ pageParam }) => client.admin.products.offers.list.query({ id: product.id, limit: pageSize, cursor: pageParam }),
    ...cursorPages,
  })
  const { add, remove } = useOfferChanges(() => setRemoving(null))
  const listed = offers.data?.pages.flatMap(({ items }) => items)
  return (
    <section aria-labelledby="offers">
      <h2 id="offers">Offered for {countText(offerCount)}</h2>
      {offers.isPending && <Loading />}
      {offers.isError && !listed && <ErrorText error={offers.error} />}
      <ul className="rows" aria-label="Titles">
        {listed?.map((offer) => (
          <li key={offer.entityId}>
            <div>
              <Link href={entityAdminPath(offer.entityId)}>
                <bdi>{offer.title}</bdi>
              </Link>
              <small className="muted">
                <code>{offer.entityId}</code>
              </small>
            </div>
            <div className="badges">
              <EntityBadges entity={offer} />
            </div>
            <button
              type="button"
              className="secondary"
              onClick={() => {
                remove.reset()
                setRemoving(offer)
              }}
            >
              Remove…<span className="visually-hidden"> {offer.title}</span>
            </button>
          </li>
        ))}
      </ul>
      <ShowMore query={offers} name="titles" />
      <Finder
        label="Add a title"
        fieldLabel="Search titles, or enter an ID"
        scope="entities"
        search={async (query) => (await searchEntities(client, query)).map(toFound)}
        excludedIds={listed?.map(({ entityId }) => entityId) ?? []}
        action="Add"
        isPending={add.isPending}
        error={add.error}
        onSelect={({ id: entityId }) => add.mutate({ id: product.id, entityId })}
      />
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.title}?`}
          action="Remove"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate({ id: product.id, entityId: removing.entityId })}
          onClose={() => setRemoving(null)}
        >
          <p>It will no longer be sold with {product.name}. Users who bought it keep their access.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}
