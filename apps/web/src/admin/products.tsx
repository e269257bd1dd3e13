import type { Inputs, Outputs } from '@pay-to-view/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useShop, useUser } from '../context.tsx'
import { duration, money } from '../format.ts'
import { Failure, Waiting } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'
import { tell } from '../problem.ts'
import { useFocusAfter } from './focus-after.ts'
import { ProductForm } from './product-form.tsx'

type Product = Outputs['admin']['products']['list']['items'][number]
type Entity = Product['entities'][number]

/** The catalogue's prices: create, change, withdraw, offer. */
export const Products = () => {
  const { client } = useShop()
  const user = useUser()
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const newProduct = useFocusAfter(adding)
  const products = useQuery({ queryKey: ['admin', user, 'products'], queryFn: () => client.admin.products.list.query() })
  const entities = useQuery({ queryKey: ['entities'], queryFn: () => client.entities.list.query({}) })
  const changed = () =>
    queries.invalidateQueries({ predicate: ({ queryKey: [of] }) => of === 'admin' || of === 'entity' || of === 'prices' })
  const create = useMutation({
    mutationFn: (fields: Inputs['admin']['products']['create']) => client.admin.products.create.mutate(fields),
    onSuccess: async () => {
      await changed()
      setAdding(false)
    },
  })
  return (
    <Page title="Products">
      {adding ? (
        <ProductForm
          saving={create.isPending}
          error={create.error}
          onCancel={() => setAdding(false)}
          onSave={(fields) => create.mutate(fields)}
        />
      ) : (
        <button
          ref={newProduct}
          type="button"
          onClick={() => {
            create.reset()
            setAdding(true)
          }}
        >
          New product
        </button>
      )}
      {products.isPending && <Waiting what="Fetching them …" />}
      {products.isError && <Failure error={products.error} retry={() => void products.refetch()} />}
      <ul className="products">
        {products.data?.items.map((product) => (
          <li key={product.payToViewProductId}>
            <ProductRow product={product} entities={entities.data?.items ?? []} changed={changed} />
          </li>
        ))}
      </ul>
    </Page>
  )
}

const ProductRow = ({ product, entities, changed }: { product: Product; entities: Entity[]; changed: () => Promise<void> }) => {
  const { client } = useShop()
  const [changing, setChanging] = useState(false)
  const changeIt = useFocusAfter(changing)
  const { payToViewProductId, name, active } = product
  const change = useMutation({
    mutationFn: (fields: object) => client.admin.products.change.mutate({ payToViewProductId, ...fields }),
    onSuccess: async () => {
      await changed()
      setChanging(false)
    },
  })
  const offer = useMutation({
    mutationFn: (wanted: { entityId: string; offered: boolean }) =>
      client.admin.products.offer.mutate({ payToViewProductId, ...wanted }),
    onSuccess: changed,
  })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const entityId = new FormData(event.currentTarget).get('entity')
    if (typeof entityId === 'string' && entityId !== '') offer.mutate({ entityId, offered: true })
  }
  const others = entities.filter(({ entityId }) => !product.entities.some((one) => one.entityId === entityId))
  const error = offer.error ?? (changing ? null : change.error)
  if (changing) {
    return (
      <ProductForm
        product={product}
        saving={change.isPending}
        error={change.error}
        onCancel={() => setChanging(false)}
        onSave={(fields) => change.mutate(fields)}
      />
    )
  }
  return (
    <>
      <div className="row">
        <h2 dir="auto">{name}</h2>
        <span role="status" className={`badge ${active ? 'good' : ''}`}>
          {active ? 'on sale' : 'withdrawn'}
        </span>
      </div>
      <p className="soft">
        {money(product.amount, product.currency)}, {duration(product.accessDurationDays)} · <code>{payToViewProductId}</code>
      </p>
      <ul className="offers" aria-label={`What ${name} is offered for`}>
        {product.entities.map(({ entityId, title }) => (
          <li key={entityId}>
            {title}
            <button
              type="button"
              title={`Offer no longer for ${title}`}
              disabled={offer.isPending}
              onClick={() => offer.mutate({ entityId, offered: false })}
            >
              <span aria-hidden="true">×</span>
              <span className="unseen">
                Offer {name} no longer for {title}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="row">
        {others.length > 0 && (
          <form className="row" onSubmit={submit}>
            <select name="entity" aria-label={`Offer ${name} for`} defaultValue="">
              <option value="">Offer for …</option>
              {others.map(({ entityId, title }) => (
                <option key={entityId} value={entityId}>
                  {title}
                </option>
              ))}
            </select>
            <button type="submit" className="quiet" disabled={offer.isPending}>
              Offer
            </button>
          </form>
        )}
        <button
          ref={changeIt}
          type="button"
          className="quiet"
          onClick={() => {
            change.reset()
            setChanging(true)
          }}
        >
          Change<span className="unseen"> {name}</span>
        </button>
        <button
          type="button"
          className="quiet"
          aria-disabled={change.isPending}
          onClick={() => change.isPending || change.mutate({ active: !active })}
        >
          {active ? 'Withdraw' : 'Put on sale'}
          <span className="unseen"> {name}</span>
        </button>
      </div>
      {error && (
        <p role="alert" className="wrong">
          {tell(error).title}. {tell(error).detail}
        </p>
      )}
    </>
  )
}
