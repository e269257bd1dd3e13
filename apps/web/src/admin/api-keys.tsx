import type { Outputs } from '@pay-to-view/client'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { cursorPages } from '../components/cursor-pages.ts'
import { ErrorNotice, Loading, Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { ShowMore } from '../components/show-more.tsx'
import { useShop, useUser } from '../context.tsx'
import { formatDateTime } from '../format.ts'
import { ApiKeyForm } from './api-key-form.tsx'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { NewApiKey } from './new-api-key.tsx'
import { SuccessMessage } from './success-message.tsx'
import { useReturnFocus } from './use-return-focus.ts'

type ApiKey = Outputs['admin']['apiKeys']['list']['items'][number]

/** Creates, lists and revokes the keys with which the site's backend calls the admin API. */
export const ApiKeys = () => {
  const { client } = useShop()
  const queries = useQueryClient()
  const [isAdding, setAdding] = useState(false)
  const [created, setCreated] = useState<{ name: string; secret: string } | null>(null)
  const [selected, setSelected] = useState<ApiKey | null>(null)
  const newButton = useReturnFocus(isAdding || created !== null)
  const refresh = () => queries.invalidateQueries({ queryKey: ['admin'] })
  const revoke = useMutation({
    mutationFn: ({ id }: ApiKey) => client.admin.apiKeys.revoke.mutate({ id }),
    onSuccess: async () => {
      await refresh()
      setSelected(null)
    },
  })
  return (
    <Page title="API keys">
      <p className="muted">
        Your backend sends a key as its bearer token. <Link href="/audit">The audit log</Link> lists every key that was created or
        revoked.
      </p>
      <SuccessMessage>{revoke.isSuccess ? `Revoked: ${revoke.variables.name}.` : null}</SuccessMessage>
      {created && <NewApiKey name={created.name} secret={created.secret} onClose={() => setCreated(null)} />}
      {isAdding ? (
        <ApiKeyForm
          onCancel={() => setAdding(false)}
          onCreated={async (key) => {
            setCreated(key)
            setAdding(false)
            await refresh()
          }}
        />
      ) : (
        <button
          ref={newButton}
          type="button"
          onClick={() => {
            revoke.reset()
            setCreated(null)
            setAdding(true)
          }}
        >
          New API key
        </button>
      )}
      <ApiKeyList
        onRevoke={(key) => {
          revoke.reset()
          setSelected(key)
        }}
      />
      {selected && (
        <ConfirmDialog
          title={`Revoke ${selected.name}?`}
          action="Revoke"
          isPending={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(selected)}
          onClose={() => setSelected(null)}
        >
          <p>Anything that uses this key stops working within 5 seconds. This can't be undone.</p>
        </ConfirmDialog>
      )}
    </Page>
  )
}

const ApiKeyList = ({ onRevoke }: { onRevoke: (key: ApiKey) => void }) => {
  const { client } = useShop()
  const user = useUser()
  const pages = useInfiniteQuery({
    queryKey: ['admin', user, 'api-keys'],
    queryFn: ({ pageParam }) => client.admin.apiKeys.list.query({ cursor: pageParam }),
    ...cursorPages,
  })
  const keys = pages.data?.pages.flatMap((page) => page.items)
  return (
    <>
      {pages.isPending && <Loading />}
      {pages.isError && !keys && <ErrorNotice error={pages.error} retry={() => void pages.refetch()} />}
      {keys?.length === 0 && <Notice title="No API keys">Create a key for each program that calls the API.</Notice>}
      <ul className="api-keys" aria-label="API keys">
        {keys?.map((key) => (
          <li key={key.id}>
            <div className="row">
              <h2>
                <bdi>{key.name}</bdi>
              </h2>
              <code>{key.prefix}…</code>
              <button type="button" className="secondary" onClick={() => onRevoke(key)}>
                Revoke<span className="visually-hidden"> {key.name}</span>
              </button>
            </div>
            <p>{key.scopes.join(', ')}</p>
            <p className="muted">
              {key.lastUsedAt === null ? 'Never used' : `Last used ${formatDateTime(key.lastUsedAt)}`} ·{' '}
              {key.expiresAt === null ? 'Does not expire' : `Expires ${formatDateTime(key.expiresAt)}`} · Created{' '}
              {formatDateTime(key.createdAt)} by <bdi>{key.createdBy}</bdi>
            </p>
          </li>
        ))}
      </ul>
      <ShowMore query={pages} name="API keys" />
    </>
  )
}
