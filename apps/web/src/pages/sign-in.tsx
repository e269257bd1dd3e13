import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { useLocation } from 'wouter'
import { Notice } from '../components/notice.tsx'
import { Page } from '../components/page.tsx'
import { useShop } from '../context.tsx'

/** Returns the path to open after signing in. The router's search parameters would decode percent-encoded ids in the path. */
const nextPath = (): string | null => new URLSearchParams(window.location.search).get('next')

/** Accepts only paths on this site, because another site may have created the link. */
const safePath = (next: string | null): string => (next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/')

export const SignIn = () => {
  const { config, session } = useShop()
  const [, navigate] = useLocation()
  const id = useId()
  const signIn = useMutation({
    mutationFn: ({ user, admin }: { user: string; admin: boolean }) => session.signIn(user, admin),
    onSuccess: () => {
      const next = safePath(nextPath())
      if (window.history.state?.from === next) window.history.back()
      else navigate(next, { replace: true })
    },
  })
  if (config.demoIssuerUrl === null) {
    return (
      <Page title="Sign in">
        <Notice title="Add your own sign-in">Implement it in src/session.ts. The app needs a user and a token.</Notice>
      </Page>
    )
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const user = form.get('user')
    if (typeof user === 'string' && user.trim() !== '') signIn.mutate({ user: user.trim(), admin: form.has('admin') })
  }
  return (
    <Page title="Sign in" lead="This is a demo: enter any name; no password needed.">
      <form className="form" onSubmit={submit}>
        <label htmlFor={id}>Your name</label>
        <input id={id} name="user" defaultValue="alice" required maxLength={100} autoComplete="username" spellCheck={false} />
        <label className="checkbox">
          <input type="checkbox" name="admin" /> Sign in as an admin
        </label>
        <button type="submit" disabled={signIn.isPending}>
          Sign in
        </button>
        {signIn.isError && (
          <p role="alert" className="error-text">
            Sign-in failed. Is the demo issuer running?
          </p>
        )}
      </form>
    </Page>
  )
}
