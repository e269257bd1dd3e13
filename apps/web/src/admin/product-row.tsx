import type { Outputs } from '@pay-to-view/client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ComponentProps, type FormEvent, useState } from 'react'
import { ErrorText } from '../components/notice.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatAccessLength, formatMoney } from '../format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ProductForm } from './product-form.tsx'
import { useReturnFocus } from './use-return-focus.ts'

type Product = Outputs['admin']['products']['list']['items'][number]
type Offer = Outputs['admin']['products']['offers']['list']['items'][number]
type Entity = Outputs['admin']['entities']['list']['items'][number]

/** As many offers as are listed. */
const maxOffers = 200

interface ProductRowProps {
  product: Product
  entities: Entity[]
  /** Refetches everything that shows products. */
  refresh: () => Promise<void>
}

export const ProductRow = ({ product, entities, refresh }: ProductRowProps) => {
  const { client } = useShop()
  const [isEditing, setEditing] = useState(false)
  const editButton = useReturnFocus(isEditing)
  const { id, name, prices } = product
  const isActive = product.status === 'active'
  const [price = { amount: 0, currency: 'usd' }, ...otherPrices] = prices
  const user = useUser()
  const offers = useQuery({
    queryKey: ['admin', user, 'offers', id],
    queryFn: () => client.admin.products.offers.list.query({ id, limit: maxOffers }),
  })
  const count = useQuery({
    queryKey: ['admin', user, 'offer-count', id],
    queryFn: () => client.admin.products.offers.count.query({ id }),
  })
  const listed = offers.data?.items ?? []
  const titleCount = count.data?.count ?? listed.length
  const [withdrawal, setWithdrawal] = useState<Withdrawal | null>(null)
  const change = useMutation({
    mutationFn: (fields: Partial<Product>) => client.admin.products.put.mutate({ ...product, ...fields }),
    onSuccess: async () => {
      await refresh()
      setEditing(false)
      setWithdrawal(null)
    },
  })
  const offer = useMutation({
    mutationFn: ({ entityId, offered }: { entityId: string; offered: boolean }) =>
      client.admin.products.offers[offered ? 'put' : 'remove'].mutate({ id, entityId }),
    onSuccess: async () => {
      await refresh()
      setWithdrawal(null)
    },
  })
  const withdraw = (what: Withdrawal): void => {
    offer.reset()
    change.reset()
    setWithdrawal(what)
  }
  if (isEditing) {
    return (
      <ProductForm
        product={{ ...product, ...price }}
        titles={listed.map(({ title }) => title)}
        titleCount={titleCount}
        isSaving={change.isPending}
        error={change.error}
        onCancel={() => setEditing(false)}
        onSave={({ amount, currency, ...fields }) =>
          change.mutate({
            ...fields,
            prices: [{ amount, currency }, ...otherPrices.filter((other) => other.currency !== currency)],
          })
        }
      />
    )
  }
  const error = offer.error ?? change.error
  return (
    <>
      <div className="row">
        <h2 dir="auto">{name}</h2>
        <span role="status" className={`badge ${isActive ? 'good' : ''}`}>
          {isActive ? 'active' : 'archived'}
        </span>
      </div>
      <p className="muted">
        {prices.map(({ amount, currency }) => formatMoney(amount, currency)).join(', ')} ·{' '}
        {formatAccessLength(product.accessDurationDays)} · <code>{id}</code>
      </p>
      <OfferList name={name} offers={listed} isPending={offer.isPending} onRemove={(entity) => withdraw({ entity })} />
      <div className="row">
        <AddOfferForm
          name={name}
          entities={entities.filter((entity) => !listed.some(({ entityId }) => entityId === entity.id))}
          isPending={offer.isPending}
          onAdd={(entityId) => offer.mutate({ entityId, offered: true })}
        />
        <button
          ref={editButton}
          type="button"
          className="secondary"
          onClick={() => {
            change.reset()
            setEditing(true)
          }}
        >
          Edit<span className="visually-hidden"> {name}</span>
        </button>
        <button
          type="button"
          className="secondary"
          aria-disabled={change.isPending}
          onClick={() => change.isPending || (isActive ? withdraw('all') : change.mutate({ status: 'active' }))}
        >
          {isActive ? 'Archive' : 'Unarchive'}
          <span className="visually-hidden"> {name}</span>
        </button>
      </div>
      {error && withdrawal === null && <ErrorText error={error} />}
      {withdrawal !== null && (
        <WithdrawDialog
          name={name}
          titleCount={titleCount}
          withdrawal={withdrawal}
          isPending={offer.isPending || change.isPending}
          error={error}
          onConfirm={() =>
            withdrawal === 'all'
              ? change.mutate({ status: 'withdrawn' })
              : offer.mutate({ entityId: withdrawal.entity.entityId, offered: false })
          }
          onClose={() => setWithdrawal(null)}
        />
      )}
    </>
  )
}

/** Whether the product is withdrawn from one entity or from all of them. */
type Withdrawal = { entity: Offer } | 'all'

interface WithdrawDialogProps extends Omit<ComponentProps<typeof ConfirmDialog>, 'title' | 'action' | 'children'> {
  name: string
  titleCount: number
  withdrawal: Withdrawal
}

const WithdrawDialog = ({ name, titleCount, withdrawal, ...dialog }: WithdrawDialogProps) => (
  <ConfirmDialog
    title={withdrawal === 'all' ? `Archive ${name}?` : `Remove ${name} from ${withdrawal.entity.title}?`}
    action={withdrawal === 'all' ? 'Archive' : 'Remove'}
    {...dialog}
  >
    <p>
      {withdrawal === 'all' && titleCount > 1
        ? `It is no longer sold for any of its ${titleCount} titles. `
        : 'It can no longer be bought. '}
      Users who bought it keep their access.
    </p>
  </ConfirmDialog>
)

interface OfferListProps {
  name: string
  offers: Offer[]
  isPending: boolean
  onRemove: (entity: Offer) => void
}

/** The entities that the product is for sale for. */
const OfferList = ({ name, offers, isPending, onRemove }: OfferListProps) => (
  <ul className="offers" aria-label={`Titles with ${name}`}>
    {offers.map((entity) => (
      <li key={entity.entityId}>
        {entity.title}
        <button type="button" title={`Remove from ${entity.title}`} disabled={isPending} onClick={() => onRemove(entity)}>
          <span aria-hidden="true">×</span>
          <span className="visually-hidden">
            Remove {name} from {entity.title}
          </span>
        </button>
      </li>
    ))}
  </ul>
)

interface AddOfferFormProps {
  name: string
  entities: Entity[]
  isPending: boolean
  onAdd: (entityId: string) => void
}

const AddOfferForm = ({ name, entities, isPending, onAdd }: AddOfferFormProps) => {
  if (entities.length === 0) return null
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const entityId = new FormData(event.currentTarget).get('entity')
    if (typeof entityId === 'string' && entityId !== '') onAdd(entityId)
  }
  return (
    <form className="row" onSubmit={submit}>
      <select name="entity" aria-label={`Add ${name} to`} defaultValue="">
        <option value="">Add to …</option>
        {entities.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <button type="submit" className="secondary" disabled={isPending}>
        Add
      </button>
    </form>
  )
}
