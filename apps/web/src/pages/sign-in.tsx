import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { useShop } from '../context.tsx'
import { Notice } from '../parts/notice.tsx'
import { Page } from '../parts/page.tsx'

/** Only a place on this site: a link may come from anywhere. */
const placeOf = (next: string | null): string => (next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/')

export const SignIn = () => {
  const { config, session } = useShop()
  const [search] = useSearchParams()
  const [, navigate] = useLocation()
  const id = useId()
  const signIn = useMutation({
    mutationFn: ({ user, admin }: { user: string; admin: boolean }) => session.signIn(user, admin),
    onSuccess: () => {
      const next = placeOf(search.get('next'))
      if (window.history.state?.from === next) window.history.back()
      else navigate(next, { replace: true })
    },
  })
  if (config.demoIssuerUrl === null) {
    return (
      <Page title="Sign in">
        <Notice title="Your own sign-in goes here">Put it in src/session.ts: the page needs a user and a token.</Notice>
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
    <Page title="Sign in" lead="This is a demo: any name will do, and no password.">
      <form className="form" onSubmit={submit}>
        <label htmlFor={id}>Your name</label>
        <input id={id} name="user" defaultValue="alice" required maxLength={100} autoComplete="username" spellCheck={false} />
        <label className="check">
          <input type="checkbox" name="admin" /> With the back office, as an operator
        </label>
        <button type="submit" disabled={signIn.isPending}>
          Sign in
        </button>
        {signIn.isError && (
          <p role="alert" className="wrong">
            That did not work. Is the local issuer running?
          </p>
        )}
      </form>
    </Page>
  )
}
